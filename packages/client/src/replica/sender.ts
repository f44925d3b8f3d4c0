import type { Task } from '@holdfast/api/client';
import type { BadRequestError, ConflictError, HoldfastError } from '../errors.ts';
import type { Accepted } from './accepted.ts';
import type { Connection } from './connection.ts';
import type { Journal } from './journal.ts';
import { findRecords, inOrder, isBroad, type Operation, type Refusal, type Row } from './operations.ts';
import { toSettledEntries } from './outbox.ts';
import { type State, toKey } from './state.ts';
import type { StoredEntry } from './storage.ts';

/** The longest time of a timer. */
const foreverMs = 2 ** 31 - 1;

/** The server remembers operations for 90 days. Older ones could overwrite newer changes. */
const ageMaxMs = 60 * 24 * 60 * 60 * 1000;

/** True if the server itself refused the operation, and would do so again. */
const isFinal = ({ code, requestId }: HoldfastError) =>
  code === 'PAYLOAD_TOO_LARGE' || (/^(BAD_REQUEST|NOT_FOUND|CONFLICT|FORBIDDEN)$/.test(code) && requestId !== null);

type TaskUpdate = Operation & { path: 'task.update' };

/** True for an update of a description. */
const isDescription = (op: Operation): op is TaskUpdate => op.description !== undefined;

/** The server accepts 20 calls and 1 MiB per request. A character can have three bytes, and proxies can accept less. */
const callsMax = 20;
const charactersMax = 100_000;

/**
 * The next operations to send together. Operations on one record are sent one after the other. An operation waits for a refused
 * one on the same record. One that can change all tasks is sent alone.
 */
function findWave(state: State, isAccepted: (op: Operation) => boolean): Operation[] {
  const { isComplete, isCopying } = state.feed();
  const wave: Operation[] = [];
  const [changed, needed, unconfirmed] = [new Set<string>(), new Set<string>(), new Set<string>()];
  let characters = 0;
  for (const op of inOrder(state.outbox.values())) {
    const records = findRecords(op);
    if (isAccepted(op)) {
      for (const record of records.changed) unconfirmed.add(record);
      continue;
    }
    const isBlocked =
      records.changed.some((record) => changed.has(record) || needed.has(record)) ||
      records.needed.some((record) => changed.has(record)) ||
      // A description is compared with the one of the server, which must be known and current.
      (isDescription(op) &&
        records.changed.some(
          (record) => unconfirmed.has(record) || ((isCopying || !isComplete) && !state.base.has(record)),
        ));
    for (const record of records.changed) changed.add(record);
    for (const record of records.needed) needed.add(record);
    if (isBlocked || op.refusal || !op.order) continue;
    characters += JSON.stringify(op.input).length;
    const isAlone = isBroad(op);
    if (wave.length > 0 && (isAlone || characters > charactersMax || wave.length === callsMax)) break;
    wave.push(op);
    if (isAlone) break;
  }
  return wave;
}

export interface SenderOptions {
  state: State;
  journal: Journal;
  accepted: Accepted;
  call: Connection['call'];
}

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

function refuse(op: Operation, error: HoldfastError): StoredEntry {
  const { code, message } = error;
  const { current, ids, validation } = error as Partial<ConflictError & BadRequestError>;
  if (code === 'CONFLICT' && current && isDescription(op)) {
    return expect(op, current);
  }
  return toRefused(op, { code, message, ids, validation });
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
    if (!isDescription(op) || op.input.ifVersion) return [];
    const row = state.base.get(`task ${op.input.id}`)?.row;
    return row ? [expect(op, row as Task)] : [];
  }

  /** True for a deletion of a task that is gone, and for a write that an earlier attempt made before the list was deleted. */
  const isForGone = (op: Operation) => /^(task\.delete|list\.create)$/.test(op.path) || accepted.isSentAgain(op);

  function accept(op: Operation, result: object): void {
    const rows = 'version' in result ? [result as Row] : ((result as { items?: Task[] }).items ?? []);
    const kind = op.path.startsWith('list') ? 'list' : 'task';
    accepted.add(
      op,
      rows.map((row) => [`${kind} ${row.id}`, row]),
    );
  }

  return async (signal: AbortSignal): Promise<number> => {
    // The feed can have been faster than the responses.
    const settled = accepted.settle([]);
    if (settled.length > 0) await journal.commit(() => toSettledEntries(state, settled));
    const wave = findWave(state, accepted.has);
    const changes = wave.flatMap(prepare);
    if (changes.length > 0) await journal.commit(() => changes);
    if (wave.length === 0) return foreverMs;
    if (changes.length > 0) return 0;
    const results = await Promise.allSettled(wave.map((op) => call(op.path, op.input, signal)));
    signal.throwIfAborted();
    let failure: HoldfastError | undefined;
    const entries: StoredEntry[] = [];
    for (const [at, op] of wave.entries()) {
      const result = results[at]!;
      const error = (result as { reason?: HoldfastError }).reason!;
      if (result.status === 'fulfilled') accept(op, result.value as object);
      else if (!isFinal(error)) failure ??= error;
      else if (error.code === 'NOT_FOUND' && isForGone(op)) accept(op, {});
      else entries.push(refuse(op, error));
    }
    if (entries.length > 0) await journal.commit(() => entries);
    if (failure) throw failure;
    return 0;
  };
}
