import { fail } from './fail.ts';
import type { Journal } from './journal.ts';
import { findRecords, isCreate, type Operation, type RefusedWrite } from './operations.ts';
import { type State, toKey } from './state.ts';
import type { StoredEntry } from './storage.ts';

/** Most writes that wait or were refused. */
const operationsMax = 10_000;

export interface OutboxOptions {
  state: State;
  journal: Journal;
  /** Throws if the replica is closed. */
  assertOpen(): void;
  /** Called when the app sees a new operation. */
  report(): void;
}

export interface Outbox {
  add(op: Operation): void;
  retry(id: string, changes?: object): void;
  drop(id: string): void;
  /** Entries of the operations that are not stored yet. */
  unstored(): StoredEntry[];
  stored(): Promise<void>;
}

/** The entries, and those that take operations out of the outbox, with the rows that only they needed. */
export function toSettledEntries(state: State, ops: readonly Operation[], entries: StoredEntry[] = []): StoredEntry[] {
  const next = new Map(entries);
  const { generation, isCopying } = state.feed();
  const oldest = isCopying ? 0 : generation;
  const isOrphan = (record: string) => {
    const row = (next.get(record) ?? state.base.get(record)) as { generation: number } | undefined;
    return (row?.generation ?? oldest) < oldest && !state.writes.get(record)?.some((op) => !ops.includes(op));
  };
  const orphans = ops.flatMap((op) => findRecords(op).changed).filter(isOrphan);
  return [...entries, ...[...orphans, ...ops.map(toKey)].map((key): StoredEntry => [key, null])];
}

export function createOutbox({ state, journal, assertOpen, report }: OutboxOptions): Outbox {
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

  /** Stores a decision of the app about a refused write. */
  function decide(id: string, toEntries: (op: RefusedWrite) => StoredEntry[]): void {
    assertOpen();
    storing = storing.then(() =>
      journal.commit(
        () =>
          state
            .refused()
            .filter((op) => op.id === id)
            .flatMap(toEntries),
        true,
      ),
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
      report();
    },
    retry(id, changes) {
      decide(id, ({ refusal: { conflict }, ...op }) => {
        // The server does not remember a refused call, so the operation ID can stay.
        const { ifVersion: _, ...input } = { ...op.input, ...changes } as { ifVersion?: number };
        const description = conflict && { description: conflict.theirs };
        const next = { ...op, ...description, input, at: new Date().toISOString() };
        return [[toKey(op), JSON.parse(JSON.stringify(next)) as Operation]];
      });
    },
    drop(id) {
      decide(id, (op) => {
        const created = isCreate(op) ? findRecords(op).changed : [];
        const dropped = [...state.outbox.values()].filter(
          (other) => other === op || findRecords(other).changed.every((record) => created.includes(record)),
        );
        return toSettledEntries(state, dropped);
      });
    },
    unstored: () => findUnstored().map((op): StoredEntry => [toKey(op), op]),
    stored: () => storing,
  };
}
