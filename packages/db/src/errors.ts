/** A value that the database refuses: too long, blank, of the wrong type. */
export class InvalidValueError extends Error {
  override readonly name = 'InvalidValueError';
  readonly code = 'INVALID_VALUE';
  /** The constraint that refused it, where one did. */
  readonly constraint: string | undefined;
  constructor(message: string, options?: ErrorOptions & { constraint?: string | undefined }) {
    super(message, options);
    this.constraint = options?.constraint;
  }
}

/** A row level security policy or a missing privilege stopped the statement. */
export class AccessRefusedError extends Error {
  override readonly name = 'AccessRefusedError';
  readonly code = 'ACCESS_REFUSED';
  constructor(options?: ErrorOptions) {
    super('The database refused access to a row or table.', options);
  }
}

/** The database cannot be reached, is restarting or is overloaded; trying again later may succeed. */
export class DatabaseUnavailableError extends Error {
  override readonly name = 'DatabaseUnavailableError';
  readonly code = 'DATABASE_UNAVAILABLE';
  /** After how many milliseconds to try again. */
  readonly retryAfterMs = 1000;
  /** Whether the work has certainly changed nothing; otherwise it may have been kept or not. */
  readonly isRetryable: boolean;
  constructor(options: ErrorOptions & { message?: string | undefined; isRetryable?: boolean } = {}) {
    super(options.message ?? 'The database is not available at the moment.', options);
    this.isRetryable = options.isRetryable ?? false;
  }
}

/** A statement ran into its time limit, or its operation into its deadline, and was ended; it has changed nothing. */
export class StatementTimeoutError extends Error {
  override readonly name = 'StatementTimeoutError';
  readonly code = 'STATEMENT_TIMEOUT';
  constructor(options?: ErrorOptions) {
    super('The database took too long and was stopped.', options);
  }
}

/** Nobody waits for the work any longer: its signal has been aborted. */
export class AbortedError extends Error {
  override readonly name = 'AbortedError';
  readonly code = 'ABORTED';
  constructor(options?: ErrorOptions) {
    super('The work was given up, since nobody waits for it any longer.', options);
  }
}

/** Anything else the database said: a defect of this product or of the database. */
export class DatabaseFaultError extends Error {
  override readonly name = 'DatabaseFaultError';
  readonly code = 'DATABASE_FAULT';
  /** The SQLSTATE, where the database gave one. */
  readonly sqlState: string | undefined;
  constructor(options?: ErrorOptions & { sqlState?: string | undefined }) {
    super('The database failed in an unexpected way.', options);
    this.sqlState = options?.sqlState;
  }
}

/** A protection between users is missing in the database; nothing may be served. */
export class RowSecurityError extends Error {
  override readonly name = 'RowSecurityError';
  readonly code = 'ROW_SECURITY';
  /** What is missing, each a sentence that says what to do. */
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(`The walls between users are not complete:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.problems = problems;
  }
}

/** Work across all users tried to write without having asked to. */
export class ReadOnlyWorkError extends Error {
  override readonly name = 'ReadOnlyWorkError';
  readonly code = 'READ_ONLY_WORK';
  constructor(options?: ErrorOptions) {
    super('This work may only read: pass { write: true } to let it write.', options);
  }
}

/** The database URL cannot be used as it is. */
export class InvalidDatabaseUrlError extends Error {
  override readonly name = 'InvalidDatabaseUrlError';
  readonly code = 'INVALID_DATABASE_URL';
}
