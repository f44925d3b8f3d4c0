import { Client, escapeIdentifier } from 'pg';
import { withDatabase } from '../connection/client-config.ts';

/** Defaults that an operator, another application or a managed service may have set. */
const defaults: Readonly<Record<string, string>> = {
  array_nulls: 'off',
  bytea_output: 'escape',
  client_encoding: 'LATIN1',
  datestyle: 'German, DMY',
  default_transaction_isolation: 'serializable',
  default_transaction_read_only: 'on',
  extra_float_digits: '-3',
  // Long enough for the sessions that change the defaults.
  idle_in_transaction_session_timeout: '10s',
  idle_session_timeout: '200ms',
  intervalstyle: 'sql_standard',
  lock_timeout: '1ms',
  plan_cache_mode: 'force_custom_plan',
  quote_all_identifiers: 'on',
  row_security: 'off',
  search_path: 'pg_temp, elsewhere',
  standard_conforming_strings: 'off',
  statement_timeout: '2s',
  timezone: 'Asia/Kathmandu',
  transform_null_equals: 'on',
};

/** Only superusers may change these. */
const superuserDefaults: Readonly<Record<string, string>> = { lc_messages: 'POSIX' };

export interface HostileOptions {
  /** URL of a superuser on the same server. Without it, settings that only superusers may change keep their values. */
  readonly superuserUrl: string | undefined;
  /** Settings that keep their values. */
  readonly without?: string[] | undefined;
}

/** Changes the defaults of a database and of the URL's role in it: later sessions start with values that Holdfast must not depend on. */
export async function changeDefaults(url: string, { superuserUrl, without = [] }: HostileOptions): Promise<void> {
  const { pathname, username } = new URL(url);
  const [name, role] = [pathname.slice(1), decodeURIComponent(username)];
  const client = new Client(superuserUrl === undefined ? url : withDatabase(superuserUrl, name));
  await client.connect();
  try {
    const all = { ...defaults, ...(superuserUrl !== undefined && superuserDefaults) };
    const changed = Object.entries(all).filter(([setting]) => !without.includes(setting));
    for (const [at, [setting, value]] of changed.entries()) {
      const list = setting === 'search_path' ? value : `'${value}'`;
      const target = at % 2 === 0 ? `database ${name}` : `role ${escapeIdentifier(role)} in database ${name}`;
      await client.query(`alter ${target} set ${setting} = ${list}`);
    }
  } finally {
    await client.end();
  }
}
