import { createPositionBetween } from '@holdfast/task-values';
import { expect, test } from 'vitest';
import { createTasks, updateTask } from '../../src/index.ts';
import { alice, asTools, openFixture } from '../fixture.ts';

const { db, sql } = await openFixture();
const scope = db.asUser(alice);
const [taskCount, moveCount, clientCount] = [500, 10_000, 4];
/** Moves that a client makes before it reads the list again. Meanwhile, its view becomes outdated. */
const movesPerView = 25;

interface Row {
  id: string;
  position: string;
}

const byPosition = (one: Row, other: Row) =>
  one.position === other.position ? (one.id < other.id ? -1 : 1) : one.position < other.position ? -1 : 1;

const randomBelow = (limit: number) => Math.floor(Math.random() * limit);

async function readList(): Promise<Row[]> {
  return db.acrossAllUsers((em) =>
    em.execute('select id, position from tasks where user_id = ? order by list_id, position, id', [alice]),
  );
}

/** Moves a random task of the view to a random place, as a client does. */
async function moveOne(view: Row[]): Promise<void> {
  const [task] = view.splice(randomBelow(view.length), 1) as [Row];
  const at = randomBelow(view.length + 1);
  const before = view[at - 1]?.position ?? null;
  // Between equal positions there is no place. The next different one is the neighbor then.
  const after = view.slice(at).find(({ position }) => position !== before)?.position ?? null;
  const { id, position } = await updateTask(scope, { id: task.id, position: createPositionBetween(before, after) });
  view.push({ id, position });
  view.sort(byPosition);
}

async function runClient(moves: number): Promise<void> {
  for (let done = 0; done < moves; done += movesPerView) {
    const view = await readList();
    for (let move = 0; move < Math.min(movesPerView, moves - done); move++) await moveOne(view);
  }
}

test(`${clientCount} clients make ${moveCount} random moves at the same time, and each writes one row and leaves a short position`, async () => {
  const { items } = await createTasks(
    scope,
    Array.from({ length: taskCount }, (_, at) => ({ title: `task ${at}` })),
  );
  const ids = items.map(({ id }) => id).toSorted();
  // Two clients have put tasks at the same place.
  for (const id of ids.slice(0, 10)) await updateTask(scope, { id, position: 'gZZZZZZZ' });
  await Promise.all(Array.from({ length: clientCount }, () => runClient(moveCount / clientCount)));

  const list = await readList();
  expect(list.map(({ id }) => id).toSorted()).toEqual(ids);
  // Clients and the database have the same order, also for tasks with equal positions.
  expect(list.toSorted(byPosition)).toEqual(list);

  const { rows } = await asTools(
    sql,
    `select (select sum(version - 1)::int from tasks where user_id = $1) as writes,
      count(*)::int as changes, count(distinct revision)::int as revisions, max(cardinality(task_ids)) as max_tasks
    from changes where user_id = $1 and revision > 1`,
    [alice],
  );
  const writes = moveCount + 10;
  expect(rows).toEqual([{ writes, changes: writes, revisions: writes, max_tasks: 1 }]);

  const lengths = list.map(({ position }) => position.length).toSorted((one, other) => one - other);
  expect(lengths[Math.floor(lengths.length * 0.99)]).toBeLessThanOrEqual(20);
});
