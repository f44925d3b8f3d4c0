import { appRole, toolsRole } from '../schema/roles.ts';
import { type Text, toPreparedName } from './prepared-statement.ts';

/**
 * How a unit of work opens: what is set for its transaction, and for no longer, before its first statement. The role
 * comes first; from then on the unit has its rights and no others. Limits are in milliseconds, 0 for none.
 */
export interface SessionSettings {
  readonly role: string;
  /** What the transaction is called in PostgreSQL's views and log; absent where the connection's name will do. */
  readonly applicationName?: string;
  /** Absent for work across all users. */
  readonly userId?: string;
  readonly statementTimeoutMs: number;
  /** For each lock that a statement waits for. */
  readonly lockTimeoutMs: number;
  /** For the whole transaction, and for its pauses between statements. */
  readonly transactionTimeoutMs: number;
  readonly readOnly: boolean;
}

const lockTimeoutMs = 2_000;
const transactionTimeoutMs = 60_000;

export function toUserSettings({
  userId,
  statementTimeoutMs,
}: {
  userId: string;
  statementTimeoutMs: number;
}): SessionSettings {
  return { role: appRole, userId, statementTimeoutMs, lockTimeoutMs, transactionTimeoutMs, readOnly: false };
}

/**
 * Tools may take their time.
 *
 * @param name What the work is for.
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

/**
 * What every unit sets. The limits travel with it, because a transaction pooler refuses them where a connection begins.
 * Times are read as ISO, whatever the server is used to write.
 */
function toVariables({
  role,
  userId = '',
  statementTimeoutMs,
  lockTimeoutMs,
}: SessionSettings): Record<string, string> {
  return {
    role,
    'app.user_id': userId,
    statement_timeout: String(statementTimeoutMs),
    lock_timeout: String(lockTimeoutMs),
    datestyle: 'ISO',
  };
}

/**
 * The opening as the entity manager takes it, which sets it after its `begin`.
 *
 * @param serverVersion As in `server_version_num`: before PostgreSQL 17 transactions have no limit of their own.
 */
export function toTransactionVariables(opening: SessionSettings, serverVersion: number): Record<string, string> {
  const limit = String(opening.transactionTimeoutMs);
  return {
    ...toVariables(opening),
    idle_in_transaction_session_timeout: limit,
    ...(serverVersion >= 170_000 && { transaction_timeout: limit }),
    ...(opening.applicationName !== undefined && { application_name: opening.applicationName }),
  };
}

const variableNames = Object.keys(toVariables(toToolsSettings({ write: false, name: null })));

/**
 * The statements of a unit that is sent whole have one good plan each. Left to itself, PostgreSQL makes a new one for
 * every list, because it takes an unknown limit for a large one.
 */
const settings = [
  ...variableNames.map((name, at) => `set_config('${name}', $${at + 1}, true)`),
  `set_config('plan_cache_mode', 'force_generic_plan', true)`,
];

const text = `select ${settings.join(', ')}`;

/** The opening as the one statement that goes ahead of a unit that is sent whole. */
export const settingsStatement = {
  preparedName: toPreparedName('holdfast_open', text),
  text,
  toValues: (opening: SessionSettings): Text[] => Object.values(toVariables(opening)),
};
