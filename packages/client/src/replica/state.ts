import type { List, Task } from '@holdfast/api/client';
import {
  apply,
  compare,
  findRecords,
  inOrder,
  isBroad,
  type Operation,
  type RefusedWrite,
  type Row,
} from './operations.ts';
import { type BaseRow, type FeedState, isSound, type StoredEntry } from './storage.ts';

/** Records that an app sees differently now, each as kind and ID: `task 019f…`. */
export type Changed = ReadonlySet<string>;

export type State = ReturnType<typeof createState>;

/** The rows that an app sees. The array is a new one after each change, and the same one as long as nothing changes. */
interface Rows<Row> {
  read(): readonly Row[];
  /** Undefined removes the row. */
  set(id: string, row: Row | undefined): void;
}

/** A change copies the array at most once between two reads. The order of the rows has no meaning. */
function createRows<Row extends { id: string }>(): Rows<Row> {
  const places = new Map<string, number>();
  let items: Row[] = [];
  let isRead = false;

  return {
    read() {
      isRead = true;
      return items;
    },
    set(id, row) {
      const place = places.get(id) ?? items.length;
      if (items[place] === row) return;
      if (isRead) items = items.slice();
      isRead = false;
      places.delete(id);
      // The last row takes the place of a removed one.
      const next = row ?? items.pop()!;
      if (!row && next.id === id) return;
      places.set(next.id, place);
      items[place] = next;
    },
  };
}

/** The key of an operation. The keys of rows are their records, and `feed` is the key of the feed. */
export const toKey = ({ id }: Operation) => `write ${id}`;

/** What an app sees: the rows of the server, with the operations of the outbox applied to them in order. */
export function createState() {
  const [tasks, trash, lists] = [createRows<Task>(), createRows<Task>(), createRows<List>()];
  const base = new Map<string, BaseRow>();
  /** Rows with the effect of operations. */
  const rows = new Map<string, Row>();
  /** Operations by record, in order. */
  const writes = new Map<string, Operation[]>();
  const outbox = new Map<string, Operation>();
  const broad = new Set<Operation>();
  const newFeed: FeedState = { cursor: null, generation: 0, isCopying: false, isComplete: false };
  /** Keys of stored values that cannot be used, except those of operations: another version may understand them. */
  const damaged = new Set<string>();
  let feed = newFeed;
  let refused: readonly RefusedWrite[] = [];
  let changed = new Set<string>();

  const find = (record: string) => rows.get(record);

  function show(record: string, row: Row | undefined): void {
    if (row) rows.set(record, row);
    else rows.delete(record);
    changed.add(record);
    const [kind, id] = record.split(' ') as [string, string];
    const shown = row?.deletedAt ? undefined : row;
    if (kind === 'list') return lists.set(id, shown as List);
    tasks.set(id, shown as Task);
    trash.set(id, row === shown ? undefined : (row as Task));
  }

  /** Applies all operations to a row of the server again. */
  function refresh(record: string): void {
    const own = writes.get(record) ?? [];
    const ops = broad.size > 0 ? inOrder(new Set([...own, ...broad])) : own;
    show(
      record,
      ops.reduce((row, op) => apply(row, op, record), base.get(record)?.row),
    );
  }

  /** The records that an operation can change. */
  const findTouched = (op: Operation) => (isBroad(op) ? [...rows.keys()] : findRecords(op).changed);

  function insert(op: Operation): void {
    outbox.set(toKey(op), op);
    if (isBroad(op)) broad.add(op);
    for (const record of findRecords(op).changed) {
      const ops = writes.get(record) ?? [];
      writes.set(record, ops);
      ops.push(op);
      if (compare(ops.at(-2) ?? op, op) > 0) ops.sort(compare);
    }
  }

  function remove(op: Operation): void {
    outbox.delete(toKey(op));
    broad.delete(op);
    for (const record of findRecords(op).changed) {
      const ops = writes.get(record)!;
      ops.splice(ops.indexOf(op), 1);
      if (ops.length === 0) writes.delete(record);
    }
  }

  /** Gives a new operation the order of the stored one. False if it moves to another place, so that rows can change. */
  function keepPlace(before: Operation | undefined, after: Operation | null): boolean {
    if (!before || before.order || !after || after.refusal || broad.size > 0) return false;
    before.order = after.order!;
    return findRecords(before).changed.every((record) => {
      const ops = writes.get(record)!;
      const previous = ops[ops.indexOf(before) - 1];
      return !previous || compare(previous, before) < 0;
    });
  }

  /** Replaces, adds or deletes stored values. */
  function store(entries: readonly StoredEntry[]): void {
    const dirty = new Set<string>();
    let isRefusal = false;
    for (const [key, stored] of entries) {
      const value = isSound(key, stored) ? stored : null;
      const isDamaged = value !== stored;
      if (key.startsWith('write')) {
        const [before, after] = [outbox.get(key), value as Operation | null];
        if (keepPlace(before, after)) continue;
        for (const op of [before, after]) {
          if (!op) continue;
          for (const record of findTouched(op)) dirty.add(record);
          if (op === value) insert(op);
          else remove(op);
          isRefusal ||= !!op.refusal;
        }
        continue;
      }
      if (isDamaged) damaged.add(key);
      // An app shows the rows that it has.
      if (key === 'feed') feed = (value as FeedState | null) ?? { ...newFeed, isComplete: isDamaged };
      else {
        if (value) base.set(key, value as BaseRow);
        else base.delete(key);
        dirty.add(key);
      }
    }
    if (isRefusal) refused = inOrder([...outbox.values()].filter(({ refusal }) => refusal) as RefusedWrite[]);
    for (const record of dirty) refresh(record);
  }

  /** Replaces all stored values, and removes these operations. By default, those that are not stored yet remain. */
  function replace(entries: readonly StoredEntry[], isGone = ({ order }: Operation) => !!order): void {
    const gone = [...base.keys(), 'feed', ...[...outbox.values()].filter(isGone).map(toKey)];
    store([...gone.map((key): StoredEntry => [key, null]), ...entries]);
  }

  return {
    base,
    writes,
    outbox,
    rows: { tasks, trash, lists },
    feed: () => feed,
    refused: () => refused,
    damaged,
    find,
    store,
    replace,
    /** The changes since the last call. */
    takeChanged(): Changed {
      const taken = changed;
      changed = new Set();
      return taken;
    },
    /** Adds a new operation to the end of the outbox. */
    add(op: Operation): void {
      insert(op);
      for (const record of findTouched(op)) {
        const before = find(record);
        const row = apply(before, op, record);
        if (row !== before) show(record, row);
      }
    },
  };
}
