import type { Task, ValidationTree } from '@holdfast/api/client';
import { type HoldfastError, isHoldfastError } from '../errors.ts';
import type { Accepted } from './accepted.ts';
import type { Journal } from './journal.ts';
import { inOrder, type Operation, type Refusal, type Row } from './operations.ts';
import { toSettledEntries } from './page-entries.ts';
import { type State, toKey } from './state.ts';
import type { StoredEntry } from './storage.ts';
import { findWave } from './wave.ts';

/** The server remembers operations for 90 days. Older ones could overwrite newer changes. */
const ageMaxMs = 60 * 24 * 60 * 60 * 1000;

/** True if the server itself refused the operation, and would do so again. */
const isFinal = ({ code, requestId }: HoldfastError) =>
  code === 'PAYLOAD_TOO_LARGE' || (/^(BAD_REQUEST|NOT_FOUND|CONFLICT|FORBIDDEN)$/.test(code) && requestId !== null);

export interface SenderOptions {
  state: State;
  journal: Journal;
  accepted: Accepted;
  call(op: Operation, signal: AbortSignal): Promise<unknown>;
}

type TaskUpdate = Operation & { path: 'task.update' };

const toRefused = (op: Operation, refusal: Refusal): StoredEntry => [toKey(op), { ...op, refusal }];

/** Sets the version that the task must have, so that a description overwrites only the text that the user saw. */
function expect(op: TaskUpdate, task: Task): StoredEntry {
  const [base, mine, theirs] = [op.description!, op.input.description!, task.description];
  if (theirs === base || theirs === mine) {
    return [toKey(op), { ...op, input: { ...op.input, ifVersion: task.version } }];
  }
  const message = 'Another device changed the description. Choose a text.';
  return toRefused(op, { code: 'CONFLICT', message, conflict: { base, mine, theirs, task } });
}

/**
 * Sends the outbox. Each call of the function sends the next operations and returns the milliseconds to pause. It throws if
 * operations must be sent again later.
 */
export function createSender({ state, journal, accepted, call }: SenderOptions) {
  /** Entries for an operation that cannot be sent as it is. */
  function prepare(op: Operation): StoredEntry[] {
    if (Date.now() - Date.parse(op.at) > ageMaxMs) {
      return [toRefused(op, { code: 'TOO_OLD', message: 'This change is older than 60 days. Send or drop it.' })];
    }
    if (op.path !== 'task.update' || op.description === undefined || op.input.ifVersion) return [];
    const known = state.base.get(`task ${op.input.id}`);
    return known ? [expect(op, known.row as Task)] : [];
  }

  function accept(op: Operation, result: object): StoredEntry[] {
    const rows = 'version' in result ? [result as Row] : ((result as { items?: Task[] }).items ?? []);
    const kind = op.path.startsWith('list') ? 'list' : 'task';
    accepted.add(
      op,
      rows.map((row) => [`${kind} ${row.id}`, row]),
    );
    return [];
  }

  function refuse(op: Operation, error: HoldfastError): StoredEntry[] {
    const { code, message } = error;
    const { current, ids, validation } = error as Partial<{ current: Task; ids: string[]; validation: ValidationTree }>;
    if (code === 'CONFLICT' && current && op.path === 'task.update' && op.description !== undefined) {
      return [expect(op, current)];
    }
    if (code === 'NOT_FOUND' && op.path === 'task.delete') return accept(op, {});
    return [toRefused(op, { code, message, ...(ids && { ids }), ...(validation && { validation }) })];
  }

  return async (signal: AbortSignal): Promise<number> => {
    // The feed can have been faster than the responses.
    const settled = accepted.settle([]);
    if (settled.length > 0) await journal.commit(() => toSettledEntries(state, settled));
    const wave = findWave(inOrder(state.outbox.values()), accepted.has);
    const changes = wave.flatMap(prepare);
    if (changes.length > 0) await journal.commit(() => changes);
    if (wave.length === 0) return Number.POSITIVE_INFINITY;
    if (changes.length > 0) return 0;
    const results = await Promise.allSettled(wave.map((op) => call(op, signal)));
    signal.throwIfAborted();
    const failures: HoldfastError[] = [];
    const entries = wave.flatMap((op, at) => {
      const result = results[at]!;
      if (result.status === 'fulfilled') return accept(op, result.value as object);
      const error = result.reason as HoldfastError;
      if (isHoldfastError(error) && isFinal(error)) return refuse(op, error);
      failures.push(error);
      return [];
    });
    if (entries.length > 0) await journal.commit(() => entries);
    if (failures[0]) throw failures[0];
    return 0;
  };
}
