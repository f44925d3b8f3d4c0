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

export function toUserOpening({ userId, statementTimeoutMs }: { userId: string; statementTimeoutMs: number }): Opening {
  return { role: appRole, userId, statementTimeoutMs, readOnly: false };
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

const variableNames = Object.keys(toVariables(toToolsOpening({ write: false })));

/** The opening as the one statement that goes ahead of a unit that is sent whole. */
export const openingStatement = {
  name: 'holdfast_open',
  text: `select ${variableNames.map((name, at) => `set_config('${name}', $${at + 1}, true)`).join(', ')}`,
  toValues: (opening: Opening): Text[] => Object.values(toVariables(opening)),
};
