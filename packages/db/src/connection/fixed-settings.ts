/**
 * The settings that decide how PostgreSQL reads statements and writes values. An operator can change their defaults for a
 * server, a database or a role, so every transaction sets them. Behind a transaction pooler, only that is reliable.
 */
export const transactionSettings: Readonly<Record<string, string>> = {
  standard_conforming_strings: 'on',
  datestyle: 'ISO, YMD',
  intervalstyle: 'postgres',
  timezone: 'UTC',
  search_path: 'public',
  quote_all_identifiers: 'off',
  bytea_output: 'hex',
  row_security: 'on',
};

/** The transaction settings as items of a select list. */
export const transactionAssignments: readonly string[] = Object.entries(transactionSettings).map(
  ([name, value]) => `set_config('${name}', '${value}', true)`,
);

/** Poolers accept these as startup parameters, because many drivers send them. */
export const startupParameters: Readonly<Record<string, string>> = {
  DateStyle: transactionSettings['datestyle']!,
  TimeZone: transactionSettings['timezone']!,
};

/** Settings that a transaction cannot change for itself, or that apply outside of transactions. */
const sessionOnlySettings: Readonly<Record<string, string>> = {
  array_nulls: 'on',
  extra_float_digits: '1',
  transform_null_equals: 'off',
  default_transaction_deferrable: 'off',
  default_transaction_isolation: 'read committed',
  default_transaction_read_only: 'off',
  idle_in_transaction_session_timeout: '0',
  idle_session_timeout: '0',
  lock_timeout: '0',
};

/**
 * All settings as the startup parameter `options`. It overrides the defaults of the server, the database and the role for a
 * whole session. Transaction poolers refuse or ignore it.
 *
 * @param statementTimeoutMs The `statement_timeout` outside of transactions that set one; 0 for no limit.
 */
export function toStartupOptions(statementTimeoutMs: number): string {
  const settings = { ...transactionSettings, ...sessionOnlySettings, statement_timeout: String(statementTimeoutMs) };
  // PostgreSQL splits the text at spaces without a backslash before them.
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value.replaceAll(' ', String.raw`\ `)}`)
    .join(' ');
}
