import type { Task, ValidationTree } from '@holdfast/api/client';
import { type HoldfastError, isHoldfastError } from '../errors.ts';
import type { Journal } from './journal.ts';
import { inOrder, isBroad, type Operation, type Refusal, type Row } from './operations.ts';
import { toRowEntries, toSettledEntries } from './page-entries.ts';
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
  call(op: Operation, signal: AbortSignal): Promise<unknown>;
  /** Reads the effects of accepted operations whose response contained no rows. Throws if that is not possible now. */
  readEffects(signal: AbortSignal): Promise<void>;
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
 * Sends the outbox. Each call of the function sends the next operations. It returns true if nothing is left to send, and
 * throws if operations must be sent again later.
 */
export function createSender({ state, journal, call, readEffects }: SenderOptions) {
  /** Accepted operations that remain visible until their effects have arrived. */
  const accepted = new Set<Operation>();

  /** Entries for an operation that cannot be sent as it is. */
  function prepare(op: Operation): StoredEntry[] {
    if (Date.now() - Date.parse(op.at) > ageMaxMs) {
      return [toRefused(op, { code: 'TOO_OLD', message: 'This change is older than 60 days. Send or drop it.' })];
    }
    if (op.path !== 'task.update' || op.description === undefined || op.input.ifVersion) return [];
    const known = state.base.get(`task ${op.input.id}`);
    return known ? [expect(op, known.row as Task)] : [];
  }

  function accept(op: Operation, result: object, generation: number): StoredEntry[] {
    const rows = 'version' in result ? [result as Row] : ((result as { items?: Task[] }).items ?? []);
    if (rows.length === 0 || isBroad(op) || generation !== state.feed().generation) {
      accepted.add(op);
      return [];
    }
    const kind = op.path.startsWith('list') ? 'list' : 'task';
    const records = rows.map((row): [string, Row] => [`${kind} ${row.id}`, row]);
    return toSettledEntries(state, [op], toRowEntries(state, records, generation));
  }

  function refuse(op: Operation, error: HoldfastError): StoredEntry[] {
    const { code, message } = error;
    const { current, ids, validation } = error as Partial<{ current: Task; ids: string[]; validation: ValidationTree }>;
    if (code === 'CONFLICT' && current && op.path === 'task.update' && op.description !== undefined) {
      return [expect(op, current)];
    }
    if (code === 'NOT_FOUND' && op.path === 'task.delete') {
      accepted.add(op);
      return [];
    }
    return [toRefused(op, { code, message, ...(ids && { ids }), ...(validation && { validation }) })];
  }

  return async (signal: AbortSignal): Promise<boolean> => {
    if (accepted.size > 0 && !state.feed().isCopying) {
      const ops = [...accepted];
      await readEffects(signal);
      await journal.commit(() => toSettledEntries(state, ops));
      for (const op of ops) accepted.delete(op);
    }
    const wave = findWave(inOrder(state.outbox.values()), accepted);
    const changes = wave.flatMap(prepare);
    if (changes.length > 0) await journal.commit(() => changes);
    if (wave.length === 0 || changes.length > 0) return wave.length === 0;
    const { generation } = state.feed();
    const results = await Promise.allSettled(wave.map((op) => call(op, signal)));
    signal.throwIfAborted();
    const failures = results.map((result) => (result.status === 'rejected' ? (result.reason as HoldfastError) : null));
    const isLater = (error: HoldfastError | null) => error !== null && !(isHoldfastError(error) && isFinal(error));
    await journal.commit(() =>
      wave.flatMap((op, at) => {
        const [result, error] = [results[at]!, failures[at]!];
        if (result.status === 'fulfilled') return accept(op, result.value as object, generation);
        return isLater(error) ? [] : refuse(op, error);
      }),
    );
    const failure = failures.find(isLater);
    if (failure) throw failure;
    return false;
  };
}
