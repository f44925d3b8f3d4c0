import type { List, Task } from '@holdfast/api/client';
import { type HoldfastError, isHoldfastError } from '../errors.ts';
import type { Journal } from './journal.ts';
import { findTouched, type Operation, type Refusal } from './operations.ts';
import { toRowEntries, toSettledEntries } from './page-entries.ts';
import type { State } from './state.ts';
import type { StoredEntry } from './storage.ts';
import { findWave } from './wave.ts';

/** The server remembers operations for 90 days. Older ones could overwrite newer changes. */
const ageMaxMs = 60 * 24 * 60 * 60 * 1000;

const finalCodes = new Set(['BAD_REQUEST', 'NOT_FOUND', 'CONFLICT', 'FORBIDDEN']);

/** True if the server itself refused the operation, and would do so again. */
const isFinal = ({ code, requestId }: HoldfastError) =>
  code === 'PAYLOAD_TOO_LARGE' || (finalCodes.has(code) && requestId !== null);

export interface SenderOptions {
  state: State;
  journal: Journal;
  call(op: Operation, signal: AbortSignal): Promise<unknown>;
  /** Reads the changes of accepted operations whose response contained no rows. Throws if that is not possible now. */
  readEffects(signal: AbortSignal): Promise<void>;
}

/** Sends the outbox. */
export interface Sender {
  /**
   * Sends the next operations. Returns false if there is nothing to send.
   *
   * @throws HoldfastError if the operations must be sent again later.
   */
  send(signal: AbortSignal): Promise<boolean>;
}

const storeOperation = (op: Operation): StoredEntry => ({ area: 'outbox', id: op.id, value: op });
const toRefused = (op: Operation, refusal: Refusal) => storeOperation({ ...op, refusal });

/** Only long texts are compared before they are overwritten. */
const isGuarded = (op: Operation): op is Operation & { path: 'task.update' } =>
  op.path === 'task.update' && op.description !== undefined && op.input.description !== undefined;

function toConflict(op: Operation & { path: 'task.update' }, task: Task): StoredEntry {
  const [base, mine, theirs] = [op.description!, op.input.description!, task.description];
  const message = 'Another device changed the description. Choose a text.';
  return toRefused(op, { code: 'CONFLICT', message, conflict: { base, mine, theirs, task } });
}

/** Sets the version that the task must have, so that a description overwrites only the text that the user saw. */
function expect(op: Operation & { path: 'task.update' }, task: Task): StoredEntry {
  const { description, version } = task;
  if (description !== op.description && description !== op.input.description) return toConflict(op, task);
  return storeOperation({ ...op, input: { ...op.input, ifVersion: version } });
}

export function createSender({ state, journal, call, readEffects }: SenderOptions): Sender {
  /** Accepted operations that remain visible until their effects have arrived. */
  const accepted = new Set<string>();
  let isSingle = false;

  /** Changes operations that cannot be sent as they are. */
  function prepare(op: Operation): StoredEntry[] {
    if (Date.now() - Date.parse(op.at) > ageMaxMs) {
      const message = 'This change waited for more than 60 days. Send or drop it.';
      return [toRefused(op, { code: 'TOO_OLD', message })];
    }
    const task = isGuarded(op) && op.input.ifVersion === undefined && state.tasks.base.get(op.input.id);
    return task && isGuarded(op) ? [expect(op, task.row)] : [];
  }

  function toAccepted(op: Operation, result: unknown, generation: number): StoredEntry[] {
    const { version, items } = result as { version?: number; items?: Task[] };
    const rows = version === undefined ? (items ?? []) : [result as Task & List];
    if (rows.length === 0 || findTouched(op).isBroad || generation !== state.feed().generation) {
      accepted.add(op.id);
      return [];
    }
    return toSettledEntries(
      state,
      [op],
      toRowEntries(state, { [op.path.startsWith('list') ? 'lists' : 'tasks']: rows }),
    );
  }

  function toFailed(op: Operation, error: HoldfastError): StoredEntry[] {
    const { code, message } = error;
    const isMissing = code === 'NOT_FOUND';
    if (isMissing && (op.path === 'task.delete' || (op.path === 'list.delete' && op.input.moveTo === undefined))) {
      accepted.add(op.id);
      return [];
    }
    if (isMissing && op.path === 'task.deleteMany' && error.ids) {
      const ids = op.input.ids.filter((id) => !error.ids!.includes(id));
      if (ids.length === 0) accepted.add(op.id);
      return ids.length === 0 ? [] : [storeOperation({ ...op, input: { ...op.input, ids } })];
    }
    if (code === 'CONFLICT' && isGuarded(op) && error.current) return [expect(op, error.current)];
    const validation = code === 'BAD_REQUEST' && { validation: error.validation };
    return [toRefused(op, { code, message, ...validation, ...('ids' in error && error.ids && { ids: error.ids }) })];
  }

  async function confirm(signal: AbortSignal): Promise<void> {
    const ops = [...accepted].map((id) => state.outbox.get(id)).filter((op) => op !== undefined);
    if (ops.length > 0) {
      await readEffects(signal);
      await journal.commit(() => toSettledEntries(state, ops));
    }
    for (const { id } of ops) accepted.delete(id);
  }

  return {
    async send(signal) {
      if (accepted.size > 0 && !state.feed().isCopying) await confirm(signal);
      const wave = findWave(state.inOrder(), { accepted, isSingle });
      const changes = wave.flatMap(prepare);
      if (changes.length > 0) {
        await journal.commit(() => changes);
        return true;
      }
      if (wave.length === 0) return false;
      const { generation } = state.feed();
      const results = await Promise.allSettled(wave.map((op) => call(op, signal)));
      signal.throwIfAborted();
      const isTooLarge = (result: PromiseSettledResult<unknown>) =>
        result.status === 'rejected' && isHoldfastError(result.reason, 'PAYLOAD_TOO_LARGE');
      // Together, they can be too large for a proxy.
      isSingle = wave.length > 1 && results.some(isTooLarge);
      if (isSingle) return true;
      const failures: unknown[] = [];
      await journal.commit(() =>
        results.flatMap((result, index) => {
          const op = state.outbox.get(wave[index]!.id);
          if (op === undefined) return [];
          if (result.status === 'fulfilled') return toAccepted(op, result.value, generation);
          const error: unknown = result.reason;
          if (isHoldfastError(error) && isFinal(error)) return toFailed(op, error);
          failures.push(error);
          return [];
        }),
      );
      if (failures.length > 0) throw failures[0];
      return true;
    },
  };
}
