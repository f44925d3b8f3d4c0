import { appRole, toolsRole } from './roles.ts';
import type { Text } from './statement.ts';

/**
 * How a unit of work opens: what is set for its transaction, and for no longer, before its first statement. The role
 * comes first; from then on the unit has its rights and no others.
 */
export interface Opening {
  readonly role: string;
  /** Absent for work across all users. */
  readonly userId?: string;
  /** Milliseconds; 0 for no limit. */
  readonly statementTimeoutMs: number;
  readonly readOnly: boolean;
}

export function toUserOpening(user: { userId: string; statementTimeoutMs: number }): Opening {
  return { role: appRole, readOnly: false, ...user };
}

/** Tools may take their time. */
export function toToolsOpening({ write }: { write: boolean }): Opening {
  return { role: toolsRole, statementTimeoutMs: 0, readOnly: !write };
}

/**
 * The opening as the entity manager takes it, which sets it after its `begin`. Times are read as ISO, whatever the server
 * is used to write.
 */
export function toVariables({ role, userId = '', statementTimeoutMs }: Opening): Record<string, string> {
  return { role, 'app.user_id': userId, statement_timeout: String(statementTimeoutMs), datestyle: 'ISO' };
}

/** The opening as the one statement that goes ahead of a unit that is sent whole. */
export const openingStatement = {
  name: 'holdfast_open',
  text: `select set_config('role', $1, true), set_config('app.user_id', $2, true),
    set_config('statement_timeout', $3, true), set_config('datestyle', $4, true)`,
  toValues: (opening: Opening): Text[] => Object.values(toVariables(opening)),
};
