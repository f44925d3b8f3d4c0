import type { List, Task } from '@holdfast/client';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { apply, inOrder, type Operation, type Row } from '../../src/replica/operations.ts';
import { createState, toKey } from '../../src/replica/state.ts';
import type { StoredEntry } from '../../src/replica/storage.ts';

const toId = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
const taskIds = [1, 2, 3, 4].map(toId);
const listIds = [11, 12].map(toId);
const at = '2027-01-01T00:00:00.000Z';

const toTask = (id: string, title: string, listId: string | null): Task => ({
  id,
  title,
  description: null,
  completed: false,
  completedAt: null,
  createdAt: at,
  updatedAt: at,
  version: 1,
  listId,
  due: null,
  priority: 0,
  labels: title.split(''),
  position: 'a0',
  deletedAt: null,
});
const toList = (id: string, name: string): List => ({
  id,
  name,
  color: null,
  position: 'a0',
  archivedAt: null,
  createdAt: at,
  updatedAt: at,
  version: 1,
});

const title = fc.constantFrom('a', 'ab', 'bc');
const taskId = fc.constantFrom(...taskIds);
const listId = fc.constantFrom(...listIds);
const inbox = fc.constantFrom(null, ...listIds);
const ids = fc.uniqueArray(taskId, { minLength: 1 });
const path = <Path extends Operation['path']>(path: Path) => fc.constant(path);

const call = fc.oneof(
  fc.record({
    path: path('task.create'),
    input: fc.record({ id: taskId, title, listId: inbox, labels: fc.constant(['A']) }),
  }),
  fc.record({
    path: path('task.createMany'),
    input: ids.map((ids) => ({ items: ids.map((id) => ({ id, title: 'many' })) })),
  }),
  fc.record({ path: path('task.update'), input: fc.record({ id: taskId, title, completed: fc.boolean() }) }),
  fc.record({
    path: path('task.updateMany'),
    input: fc.record({
      ids,
      set: fc.record({ listId: inbox, addLabels: fc.constant(['c']), removeLabels: fc.constant(['A']) }),
    }),
  }),
  fc.record({ path: path('task.delete'), input: fc.record({ id: taskId }) }),
  fc.record({ path: path('task.deleteMany'), input: fc.record({ ids }) }),
  fc.record({ path: path('trash.restore'), input: fc.record({ ids }) }),
  fc.record({
    path: path('task.reorder'),
    input: fc.record({ ids, listId: inbox }),
    positions: fc.constant(Object.fromEntries(taskIds.map((id) => [id, 'z9']))),
  }),
  fc.record({ path: path('list.create'), input: fc.record({ id: listId, name: title }) }),
  fc.record({ path: path('list.update'), input: fc.record({ id: listId, name: title, archived: fc.boolean() }) }),
  fc.record({ path: path('list.delete'), input: fc.record({ id: listId, moveTo: fc.constantFrom(undefined, null) }) }),
  fc.record({ path: path('list.restore'), input: fc.record({ id: listId }), deletedAt: fc.constantFrom(null, at) }),
  fc.record({ path: path('label.rename'), input: fc.record({ from: fc.constant('B'), to: fc.constant('x') }) }),
);

type Step =
  | { kind: 'write'; call: object }
  | { kind: 'store' | 'settle' | 'refuse'; index: number }
  | { kind: 'row'; record: string; row: Row | null }
  | { kind: 'reload' };

const row = fc.oneof(
  fc
    .tuple(taskId, title, inbox)
    .map(([id, title, listId]) => ({ record: `task ${id}`, row: toTask(id, title, listId) })),
  fc.tuple(listId, title).map(([id, name]) => ({ record: `list ${id}`, row: toList(id, name) })),
);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('write' as const), call }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('store', 'settle', 'refuse'), index: fc.nat(5) }) },
  { weight: 3, arbitrary: row.map(({ record, row }) => ({ kind: 'row' as const, record, row })) },
  fc.oneof(taskId, listId).map((id) => ({ kind: 'row' as const, record: `task ${id}`, row: null })),
  fc.constant({ kind: 'reload' as const }),
);

const isShown = (row: Row | undefined): row is Row => row !== undefined && !row.deletedAt;
const byId = (rows: Iterable<Row>) => [...rows].toSorted((one, other) => (one.id < other.id ? -1 : 1));

test('the rows of a replica are always those of the server with all operations applied in order', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const state = createState();
      let number = 0;
      for (const step of steps) {
        const all = inOrder(state.outbox.values());
        const op = 'index' in step ? all[step.index % all.length] : undefined;
        if (step.kind === 'write') state.add({ id: toId(1000 + (number += 1)), at, ...step.call } as Operation);
        if (step.kind === 'row') state.store([[step.record, step.row && { row: step.row, generation: 1 }]]);
        if (step.kind === 'reload') {
          const base = [...state.base].map(([key, value]): StoredEntry => [key, structuredClone(value)]);
          const stored = all.filter(({ order }) => order).map((op): StoredEntry => [toKey(op), structuredClone(op)]);
          state.replace([...base, ...stored]);
        }
        if (op && step.kind === 'settle') state.store([[toKey(op), null]]);
        if (op && step.kind === 'store') state.store([[toKey(op), { ...op, order: (number += 1) }]]);
        if (op && step.kind === 'refuse') {
          state.store([[toKey(op), { ...op, order: op.order ?? number, refusal: { code: 'CONFLICT', message: '' } }]]);
        }

        const ops = inOrder(state.outbox.values());
        const expected = [...taskIds.map((id) => `task ${id}`), ...listIds.map((id) => `list ${id}`)].map((record) =>
          ops.reduce(
            (row, op) => (touches(op, record, row) ? apply(row, op, record) : row),
            state.base.get(record)?.row,
          ),
        );
        const { tasks, trash, lists } = state.rows;
        const rows = expected.filter(isShown);
        expect(byId(tasks.read())).toEqual(byId(rows.filter((row) => 'title' in row)));
        expect(byId(lists.read())).toEqual(byId(rows.filter((row) => 'name' in row)));
        expect(byId(trash.read())).toEqual(
          byId(expected.filter((row) => row && 'title' in row && row.deletedAt) as Row[]),
        );
        expect(state.refused()).toEqual(ops.filter(({ refusal }) => refusal));
      }
    }),
    { numRuns: 500 },
  );
});

/** True if an operation names the record, or can change all records. */
function touches(op: Operation, record: string, row: Row | undefined): boolean {
  const text = JSON.stringify(op.input);
  return text.includes(record.slice(5)) || (row !== undefined && /^(list|label)/.test(op.path));
}

test('an operation changes neither the row nor its input', () => {
  fc.assert(
    fc.property(fc.array(call, { maxLength: 5 }), row, (calls, { record, row }) => {
      let now: Row | undefined = row;
      for (const given of calls) {
        const op = { id: toId(1), at, ...given } as Operation;
        const before = structuredClone([now, op]);
        const next = apply(now, op, record);
        expect([now, op]).toEqual(before);
        now = next;
      }
    }),
  );
});
