import { HoldfastError } from '../errors.ts';
import { newId } from '../new-id.ts';
import type { Journal } from './journal.ts';
import { findTouched, type Operation, type RefusedWrite } from './operations.ts';
import { toSettledEntries } from './page-entries.ts';
import type { State } from './state.ts';
import type { StoredEntry } from './storage.ts';

/** Most writes that wait or were refused. */
const operationsMax = 10_000;

export interface OutboxOptions {
  state: State;
  journal: Journal;
  isClosed(): boolean;
  /** Called when the app sees a new operation. */
  onAdded(): void;
}

export interface Outbox {
  add(op: Operation): void;
  retry(id: string, changes: object): void;
  drop(id: string): void;
  stored(): Promise<void>;
}

export function createOutbox({ state, journal, isClosed, onAdded }: OutboxOptions): Outbox {
  let added: Operation[] = [];
  let storing: Promise<void> = Promise.resolve();

  /** Stores all operations of this moment together. */
  function storeAdded(): Promise<void> {
    const ops = added;
    added = [];
    const toEntry = (op: Operation, order: number): StoredEntry => ({
      area: 'outbox',
      id: op.id,
      value: { ...op, order },
    });
    return journal.commit((number) => ops.map((op, at) => toEntry(op, number + at / (2 * operationsMax))), true);
  }

  function assertOpen(): void {
    if (!isClosed()) return;
    const message = 'The replica is closed. Open a new one.';
    throw new HoldfastError({ code: 'ABORTED', message, isRetryable: true });
  }

  /** Stores a decision of the app about a refused write. */
  function decide(id: string, toEntries: (op: RefusedWrite) => StoredEntry[]): void {
    assertOpen();
    const find = () => state.refused().find((op) => op.id === id);
    if (!find()) return;
    storing = storing.then(() =>
      journal.commit(() => {
        const op = find();
        return op ? toEntries(op) : [];
      }, true),
    );
  }

  return {
    add(op) {
      assertOpen();
      if (state.outbox.size >= operationsMax) {
        const message = `Too many unsent changes (${operationsMax}). Connect to the server first.`;
        throw new HoldfastError({ code: 'PAYLOAD_TOO_LARGE', message, isRetryable: true });
      }
      state.add(op);
      added.push(op);
      if (added.length === 1) storing = storing.then(storeAdded);
      onAdded();
    },
    retry(id, changes) {
      decide(id, ({ refusal, ...op }) => {
        const { code, conflict } = refusal;
        const { ifVersion: _, ...input } = { ...op.input, ...changes } as { ifVersion?: number };
        // The server does not remember a refused call, but it may remember one that is old.
        const isRenewed = code !== 'TOO_OLD' && 'operationId' in input;
        const next = {
          ...op,
          input: { ...input, ...(isRenewed && { operationId: newId() }) },
          at: new Date().toISOString(),
          ...(conflict && { description: conflict.theirs }),
        };
        return [{ area: 'outbox', id, value: JSON.parse(JSON.stringify(next)) as object }];
      });
    },
    drop(id) {
      decide(id, (op) => {
        const { tasks, lists } = findTouched(op);
        const isOfRecord = (other: Operation) => {
          const touched = findTouched(other);
          const own = [...touched.tasks, ...touched.lists];
          return own.length > 0 && [...tasks, ...lists].some((record) => own.every((id) => id === record));
        };
        const dependent = /create/.test(op.path) ? [...state.outbox.values()].filter(isOfRecord) : [];
        return toSettledEntries(state, [...new Set<Operation>([op, ...dependent])]);
      });
    },
    stored: () => storing,
  };
}
