import type { List, Task } from '@holdfast/api/client';
import { applyToList, applyToTask, type StoredList } from './apply.ts';
import { findTouched, type Operation, type RefusedWrite } from './operations.ts';
import { createRows } from './rows.ts';
import type { StoredEntry } from './storage.ts';

/** A row as the server sent it. */
export interface BaseRow<Row> {
  id: string;
  row: Row;
  /** Number of the copy in which the row arrived last. -1 if the server removed it, and unsent work needs it. */
  generation: number;
}

/** Where the feed continues. */
export interface FeedState {
  id: 'feed';
  cursor: string | null;
  /** Increases with each copy of all data. */
  generation: number;
  /** True while a copy arrives. */
  isCopying: boolean;
  /** True after the first copy has arrived. */
  isComplete: boolean;
}

/** IDs of the tasks and lists that an app sees differently now. */
export interface Changed {
  tasks: ReadonlySet<string>;
  lists: ReadonlySet<string>;
}

interface Table<Row> {
  base: Map<string, BaseRow<Row>>;
  /** Rows with the effect of operations. Undefined for a row that does not exist. */
  overlay: Map<string, Row | undefined>;
  /** Operations by record, in order. */
  operations: Map<string, Operation[]>;
  changed: Set<string>;
  apply(row: Row | undefined, op: Operation, id: string): Row | undefined;
  show(id: string, row: Row | undefined): void;
}

const createTable = <Row>(apply: Table<Row>['apply'], show: Table<Row>['show']): Table<Row> => ({
  base: new Map(),
  overlay: new Map(),
  operations: new Map(),
  changed: new Set(),
  apply,
  show,
});

const toPlace = ({ order = Number.POSITIVE_INFINITY }: Operation) => order;
/** Operations that are not stored yet come last, in the order of the calls. */
const inOrder = (ops: Iterable<Operation>) =>
  [...ops].sort((one, other) => (toPlace(one) === toPlace(other) ? 0 : toPlace(one) - toPlace(other)));

export const newFeed: FeedState = { id: 'feed', cursor: null, generation: 0, isCopying: false, isComplete: false };

export type State = ReturnType<typeof createState>;

/** What an app sees: the rows of the server, with the operations of the outbox applied to them in order. */
export function createState() {
  const [taskRows, trashRows, listRows] = [createRows<Task>(), createRows<Task>(), createRows<List>()];
  const tasks = createTable<Task>(applyToTask, (id, task) => {
    taskRows.set(id, task?.deletedAt === null ? task : undefined);
    trashRows.set(id, task?.deletedAt === null ? undefined : task);
  });
  const lists = createTable<StoredList>(applyToList, (id, list) =>
    listRows.set(id, list?.deletedAt ? undefined : list),
  );
  const outbox = new Map<string, Operation>();
  const broad = new Set<Operation>();
  let refused: readonly RefusedWrite[] = [];
  let feed = newFeed;

  const find = <Row>({ base, overlay }: Table<Row>, id: string) =>
    overlay.has(id) ? overlay.get(id) : base.get(id)?.row;

  function show<Row>(table: Table<Row>, id: string, row: Row | undefined): void {
    if (row === table.base.get(id)?.row && !table.operations.has(id)) table.overlay.delete(id);
    else table.overlay.set(id, row);
    table.changed.add(id);
    table.show(id, row);
  }

  /** Applies all operations to a row of the server again. */
  function refresh<Row>(table: Table<Row>, id: string): void {
    const own = table.operations.get(id) ?? [];
    const ops = broad.size > 0 ? inOrder(new Set([...own, ...broad])) : own;
    show(
      table,
      id,
      ops.reduce((row, op) => table.apply(row, op, id), table.base.get(id)?.row),
    );
  }

  const allTasks = () => [...tasks.base.keys(), ...[...tasks.overlay.keys()].filter((id) => !tasks.base.has(id))];

  function eachTouched(op: Operation, visit: <Row>(table: Table<Row>, id: string) => void): void {
    const touched = findTouched(op);
    for (const id of touched.tasks) visit(tasks, id);
    for (const id of touched.lists) visit(lists, id);
  }

  function remove(op: Operation): void {
    outbox.delete(op.id);
    broad.delete(op);
    eachTouched(op, ({ operations }, id) => {
      const others = (operations.get(id) ?? []).filter((other) => other !== op);
      if (others.length > 0) operations.set(id, others);
      else operations.delete(id);
    });
  }

  function insert(op: Operation): void {
    outbox.set(op.id, op);
    if (findTouched(op).isBroad) broad.add(op);
    eachTouched(op, ({ operations }, id) => operations.set(id, inOrder([...(operations.get(id) ?? []), op])));
  }

  /** The changes since the last call. */
  function takeChanged(): Changed {
    const changed = { tasks: tasks.changed, lists: lists.changed };
    [tasks.changed, lists.changed] = [new Set(), new Set()];
    return changed;
  }

  /** Replaces, adds or deletes stored values. */
  function store(entries: readonly StoredEntry[]): void {
    const dirty = { tasks: new Set<string>(), lists: new Set<string>() };
    let isRefusal = false;
    for (const { area, id, value } of entries) {
      if (area === 'meta') {
        if (id === 'feed') feed = value as FeedState;
        continue;
      }
      if (area !== 'outbox') {
        const { base } = area === 'tasks' ? tasks : lists;
        if (value === null) base.delete(id);
        else base.set(id, value as BaseRow<never>);
        dirty[area].add(id);
        continue;
      }
      for (const op of [outbox.get(id), value as Operation | null]) {
        if (!op) continue;
        if (op === value) insert(op);
        else remove(op);
        const touched = findTouched(op);
        for (const task of touched.isBroad ? allTasks() : touched.tasks) dirty.tasks.add(task);
        for (const list of touched.lists) dirty.lists.add(list);
        isRefusal ||= op.refusal !== undefined;
      }
    }
    if (isRefusal) refused = inOrder([...outbox.values()].filter(({ refusal }) => refusal)) as RefusedWrite[];
    for (const id of dirty.tasks) refresh(tasks, id);
    for (const id of dirty.lists) refresh(lists, id);
  }

  const toGone = (area: StoredEntry['area'], id: string): StoredEntry => ({ area, id, value: null });
  const toErased = (): StoredEntry[] => [
    ...[...tasks.base.keys()].map((id) => toGone('tasks', id)),
    ...[...lists.base.keys()].map((id) => toGone('lists', id)),
    { area: 'meta', id: 'feed', value: newFeed },
  ];

  return {
    tasks,
    lists,
    outbox,
    rows: { tasks: taskRows, trash: trashRows, lists: listRows },
    feed: () => feed,
    refused: () => refused,
    find,
    takeChanged,
    /** Adds a new operation to the end of the outbox. */
    add(op: Operation): void {
      insert(op);
      eachTouched(op, (table, id) => show(table, id, table.apply(find(table, id), op, id)));
      if (!broad.has(op)) return;
      for (const id of allTasks()) {
        const before = find(tasks, id);
        const task = applyToTask(before, op, id);
        if (task !== before) show(tasks, id, task);
      }
    },
    store,
    /** Replaces all stored values. Operations that are not stored yet remain. */
    replace(entries: readonly StoredEntry[]): void {
      const found = new Set(entries.map(({ area, id }) => area + id));
      const stored = [...outbox.values()]
        .filter(({ order }) => order !== undefined)
        .map(({ id }) => toGone('outbox', id));
      store([...[...toErased(), ...stored].filter(({ area, id }) => !found.has(area + id)), ...entries]);
    },
    /** Entries that delete all rows of the server. */
    toErased,
    /** Removes everything. */
    clear: () => store([...toErased(), ...[...outbox.keys()].map((id) => toGone('outbox', id))]),
    /** The operations in the order in which they are sent. */
    inOrder: () => inOrder(outbox.values()),
  };
}
