import { transactionAssignments, transactionSettings } from '../connection/fixed-settings.ts';
import { appRole, toolsRole } from '../schema/roles.ts';
import { type Text, toPreparedName } from './prepared-statement.ts';

/**
 * Settings applied with `set_config(…, true)` before the first statement of a transaction. They end with the transaction.
 * The role is set first, so all statements run with the privileges of that role only. Limits are in milliseconds; 0 means
 * no limit.
 */
export interface SessionSettings {
  readonly role: string;
  /** The transaction's name in PostgreSQL's views and log. Default: the connection's name. */
  readonly applicationName?: string;
  /** Absent for work across all users. */
  readonly userId?: string;
  readonly statementTimeoutMs: number;
  /** Applies to each wait for a lock. */
  readonly lockTimeoutMs: number;
  /** Applies to the transaction as a whole and to each pause between its statements. */
  readonly transactionTimeoutMs: number;
  readonly readOnly: boolean;
}

const lockTimeoutMs = 2_000;
const transactionTimeoutMs = 60_000;

export function toUserSettings(user: {
  userId: string;
  statementTimeoutMs: number;
  readOnly: boolean;
}): SessionSettings {
  const { userId, statementTimeoutMs, readOnly } = user;
  return { role: appRole, userId, statementTimeoutMs, lockTimeoutMs, transactionTimeoutMs, readOnly };
}

/**
 * Settings for work across all users, which has no time limits.
 *
 * @param name The operation's name.
 */
export function toToolsSettings({ write, name }: { write: boolean; name: string | null }): SessionSettings {
  return {
    role: toolsRole,
    applicationName: `holdfast tools${name === null ? '' : `: ${name}`}`,
    statementTimeoutMs: 0,
    lockTimeoutMs: 0,
    transactionTimeoutMs: 0,
    readOnly: !write,
  };
}

/** The settings of every transaction that differ between transactions. */
export function toVariables(settings: SessionSettings): Record<string, string> {
  return {
    role: settings.role,
    'app.user_id': settings.userId ?? '',
    statement_timeout: String(settings.statementTimeoutMs),
    lock_timeout: String(settings.lockTimeoutMs),
  };
}

/**
 * The settings for an entity manager, which applies them after BEGIN.
 *
 * @param serverVersion `server_version_num`. PostgreSQL has `transaction_timeout` from version 17.
 */
export function toTransactionVariables(settings: SessionSettings, serverVersion: number): Record<string, string> {
  const limit = String(settings.transactionTimeoutMs);
  return {
    ...toVariables(settings),
    ...transactionSettings,
    idle_in_transaction_session_timeout: limit,
    ...(serverVersion >= 170_000 && { transaction_timeout: limit }),
    ...(settings.applicationName !== undefined && { application_name: settings.applicationName }),
  };
}

const variableNames = Object.keys(toVariables(toToolsSettings({ write: false, name: null })));

/** The settings of every pipeline that affect how PostgreSQL plans its statements. */
export const planSettings: Readonly<Record<string, string>> = {
  // Each statement of a pipeline has one good plan. By default, PostgreSQL plans every list again, because it takes an
  // unknown limit for a large one.
  plan_cache_mode: 'force_generic_plan',
  // Each statement has indexes that are led by the user. A plan of an empty table, which would read all of it, outlives that state.
  enable_seqscan: 'off',
  // To start workers takes longer than almost every statement of one user.
  max_parallel_workers_per_gather: '0',
};

const assignments = [
  ...variableNames.map((name, at) => `set_config('${name}', $${at + 1}, true)`),
  // No statement of the transaction can revert it. It must not be set to off: on a replica, that is an error.
  `case when $${variableNames.length + 1} = 'on' then set_config('transaction_read_only', 'on', true) end`,
  ...transactionAssignments,
  ...Object.entries(planSettings).map(([name, value]) => `set_config('${name}', '${value}', true)`),
];

// One column for the driver to parse instead of one for each setting. The arguments are evaluated in order.
const text = `select num_nulls(${assignments.join(', ')})`;

/** The settings as the first statement of a pipeline. */
export const settingsStatement = {
  preparedName: toPreparedName('holdfast_settings', text),
  text,
  toValues: (settings: SessionSettings): Text[] => [
    ...Object.values(toVariables(settings)),
    settings.readOnly ? 'on' : 'off',
  ],
};
