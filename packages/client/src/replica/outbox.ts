import { closed, fail } from './fail.ts';
import type { Journal } from './journal.ts';
import { findRecords, isCreate, type Operation, type RefusedWrite } from './operations.ts';
import { toSettledEntries } from './page-entries.ts';
import { type State, toKey } from './state.ts';
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
  /** Entries of the operations that are not stored yet. */
  unstored(): StoredEntry[];
  stored(): Promise<void>;
}

export function createOutbox({ state, journal, isClosed, onAdded }: OutboxOptions): Outbox {
  const findUnstored = () => [...state.outbox.values()].filter(({ order }) => !order);
  // A page that ended could only keep these.
  let added = findUnstored();
  let storing = added.length > 0 ? storeAdded() : Promise.resolve();

  /** Stores all operations of this moment together. */
  function storeAdded(): Promise<void> {
    const ops = added;
    added = [];
    return journal.commit(
      (number) => ops.map((op, at) => [toKey(op), { ...op, order: number + at / (2 * operationsMax) }]),
      true,
    );
  }

  function assertOpen(): void {
    if (isClosed()) throw fail('ABORTED', closed);
  }

  /** Stores a decision of the app about a refused write. */
  function decide(id: string, toEntries: (op: RefusedWrite) => StoredEntry[]): void {
    assertOpen();
    storing = storing.then(() =>
      journal.commit(() => {
        const op = state.refused().find((op) => op.id === id);
        return op ? toEntries(op) : [];
      }, true),
    );
  }

  return {
    add(op) {
      assertOpen();
      if (state.outbox.size >= operationsMax) {
        throw fail('PAYLOAD_TOO_LARGE', `More than ${operationsMax} changes are unsent. Connect to the server first.`);
      }
      state.add(op);
      added.push(op);
      if (added.length === 1) storing = storing.then(storeAdded);
      onAdded();
    },
    retry(id, changes) {
      decide(id, ({ refusal, ...op }) => {
        // The server does not remember a refused call, so the operation ID can stay.
        const { ifVersion: _, ...input } = { ...op.input, ...changes } as { ifVersion?: number };
        const description = refusal.conflict ? { description: refusal.conflict.theirs } : {};
        const next = { ...op, ...description, input, at: new Date().toISOString() };
        return [[toKey(op), JSON.parse(JSON.stringify(next)) as Operation]];
      });
    },
    drop(id) {
      decide(id, (op) => {
        const created = isCreate(op) ? findRecords(op).changed : [];
        const isDependent = (other: Operation) =>
          findRecords(other).changed.every((record) => created.includes(record));
        return toSettledEntries(
          state,
          [...state.outbox.values()].filter((other) => other === op || isDependent(other)),
        );
      });
    },
    unstored: () => findUnstored().map((op): StoredEntry => [toKey(op), op]),
    stored: () => storing,
  };
}
