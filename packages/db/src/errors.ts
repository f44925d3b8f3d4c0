/** The database rejected a value: too long, blank or of the wrong type. */
export class InvalidValueError extends Error {
  override readonly name = 'InvalidValueError';
  readonly code = 'INVALID_VALUE';
  /** The name of the violated constraint, if any. */
  readonly constraint: string | undefined;
  constructor(message: string, options?: ErrorOptions & { constraint?: string | undefined }) {
    super(message, options);
    this.constraint = options?.constraint;
  }
}

/** A row-level security policy or a missing privilege stopped the statement. */
export class AccessRefusedError extends Error {
  override readonly name = 'AccessRefusedError';
  readonly code = 'ACCESS_REFUSED';
  constructor(options?: ErrorOptions) {
    super('The database refused access to a row or table.', options);
  }
}

/** The database cannot be reached, is restarting or is overloaded. A later retry may succeed. */
export class DatabaseUnavailableError extends Error {
  override readonly name = 'DatabaseUnavailableError';
  readonly code = 'DATABASE_UNAVAILABLE';
  /** Milliseconds to wait before a retry. */
  readonly retryAfterMs = 1000;
  /** True if the database applied no change. If false, the outcome is unknown: check before you retry. */
  readonly isRetryable: boolean;
  constructor(options: ErrorOptions & { message?: string | undefined; isRetryable?: boolean } = {}) {
    super(options.message ?? 'The database is not available at the moment.', options);
    this.isRetryable = options.isRetryable ?? false;
  }
  /** @deprecated Use `isRetryable`. Removed in 0.3. */
  get isUndone(): boolean {
    return this.isRetryable;
  }
}

/** A statement exceeded its time limit, or its operation the deadline. The database applied no change. */
export class StatementTimeoutError extends Error {
  override readonly name = 'StatementTimeoutError';
  readonly code = 'STATEMENT_TIMEOUT';
  constructor(options?: ErrorOptions) {
    super('The database took too long and was stopped.', options);
  }
}

/** The abort signal of the operation was aborted. */
export class AbortedError extends Error {
  override readonly name = 'AbortedError';
  readonly code = 'ABORTED';
  constructor(options?: ErrorOptions) {
    super('The operation was aborted.', options);
  }
}

/** The user was deleted. Their ID stays blocked, so that an old token cannot create the user again. */
export class UserErasedError extends Error {
  override readonly name = 'UserErasedError';
  readonly code = 'USER_ERASED';
  constructor(options?: ErrorOptions) {
    super('This user was deleted. Sign in as another user.', options);
  }
}

/** Any other error of the database. It is a defect of Holdfast or of the database. */
export class DatabaseFaultError extends Error {
  override readonly name = 'DatabaseFaultError';
  readonly code = 'DATABASE_FAULT';
  /** The SQLSTATE, if the database returned one. */
  readonly sqlState: string | undefined;
  constructor(options?: ErrorOptions & { sqlState?: string | undefined }) {
    super('The database reported an unexpected error.', options);
    this.sqlState = options?.sqlState;
  }
}

/** Row-level security is incomplete in the database, so Holdfast does not open it. */
export class RowSecurityError extends Error {
  override readonly name = 'RowSecurityError';
  readonly code = 'ROW_SECURITY';
  /** One text per problem, each with its fix. */
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(
      `Tenant isolation is incomplete. Fix these problems of row-level security:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`,
    );
    this.problems = problems;
  }
}

/** The database cannot be used: its encoding, a setting, or the tables of another application prevent it. */
export class UnsupportedDatabaseError extends Error {
  override readonly name = 'UnsupportedDatabaseError';
  readonly code = 'UNSUPPORTED_DATABASE';
  /** One text per problem, each with its fix. */
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

/** Work across all users tried to write without the option `write`. */
export class ReadOnlyWorkError extends Error {
  override readonly name = 'ReadOnlyWorkError';
  readonly code = 'READ_ONLY_WORK';
  constructor(options?: ErrorOptions) {
    super('This work is read-only. Pass { write: true } to allow writes.', options);
  }
}

/** The database URL is invalid or insecure. */
export class InvalidDatabaseUrlError extends Error {
  override readonly name = 'InvalidDatabaseUrlError';
  readonly code = 'INVALID_DATABASE_URL';
}
