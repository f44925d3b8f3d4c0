import { randomUUID } from 'node:crypto';
import * as fc from 'fast-check';
import type { Text } from '../../src/scope/prepared-statement.ts';
import { createTaskStatement } from '../../src/tasks/create-task.ts';
import { toColumnValues, toFoldedTexts, withInitialValues } from '../../src/tasks/record.ts';
import { deleteTaskStatement, updateTaskStatement } from '../../src/tasks/update-task.ts';
import { logPurgeByIdStatement, purgeTasksStatement } from '../../src/trash/purge-tasks.ts';
import { lockUserStatement } from '../../src/writes/lock.ts';
import { logTaskStatement } from '../../src/writes/log.ts';
import previous from '../fixtures/previous-statements.json' with { type: 'json' };

export const users = ['0190a000-0000-7000-8000-0000000000a1', '0190a000-0000-7000-8000-0000000000a2'] as const;
const tasksPerUser = 4;

export interface Step {
  text: string;
  values: Text[];
}

/** A transaction of one session, in steps between which other sessions run. */
export interface PlannedTransaction {
  role: 'holdfast_app' | 'holdfast_tools';
  user: string;
  steps: Step[];
  end: 'commit' | 'rollback' | 'kill';
}

export interface Plan {
  sessions: PlannedTransaction[][];
  /** The session that takes each next step. */
  order: number[];
}

/** The calls send no operation ID and expect no version. */
const plain = { operationId: undefined, requestHash: undefined, ifVersion: undefined };

const at = () => new Date().toISOString();
const toId = (kind: 'task' | 'list', number: number) =>
  `0190a000-0000-7000-8000-${kind === 'task' ? '1' : '2'}${String(number).padStart(11, '0')}`;

interface Target {
  user: string;
  id: string;
}

/** Operations of this version, as their statements. */
const operations = {
  create: ({ user: userId, id }: Target): Step[] => {
    const columns = toColumnValues(withInitialValues({ title: randomUUID() }));
    const createdAt = at();
    const args = { ...columns, ...plain, userId, id, completedAt: null, createdAt, search: '\n\n' };
    return [{ text: createTaskStatement.text, values: createTaskStatement.toValues(args) }];
  },
  update: ({ user: userId, id }: Target): Step[] => {
    const changes = { title: randomUUID() };
    const args = { ...toColumnValues(changes), ...toFoldedTexts(changes), ...plain, userId, id, changedAt: at() };
    return [{ text: updateTaskStatement.text, values: updateTaskStatement.toValues(args) }];
  },
  delete: ({ user: userId, id }: Target): Step[] => {
    const args = { ...plain, userId, id, changedAt: at() };
    return [{ text: deleteTaskStatement.text, values: deleteTaskStatement.toValues(args) }];
  },
};

function toOperation(name: keyof typeof operations | 'purge', { user: userId, id }: Target): Step[] {
  const lock = {
    text: lockUserStatement.text,
    values: lockUserStatement.toValues({ userId, email: null, name: null }),
  };
  if (name === 'purge') {
    const args = { userId, ids: [id], before: undefined };
    return [
      lock,
      { text: logPurgeByIdStatement.text, values: logPurgeByIdStatement.toValues(args) },
      { text: purgeTasksStatement.text, values: purgeTasksStatement.toValues(args) },
    ];
  }
  const log = { ...plain, userId, id };
  return [
    lock,
    ...operations[name]({ user: userId, id }),
    { text: logTaskStatement.text, values: logTaskStatement.toValues(log) },
  ];
}

const previousOperations = {
  create: ({ user, id }: Target): Step => ({
    text: previous.task_create,
    values: [user, null, null, randomUUID(), null, 'f', id, null, at()],
  }),
  update: ({ user, id }: Target): Step => ({
    text: previous.task_update,
    values: ['t', randomUUID(), 'f', null, 'f', null, at(), user, id, null],
  }),
  delete: ({ user, id }: Target): Step => ({ text: previous.task_delete, values: [user, id, null] }),
};

/** SQL of tools. The last ones change rows of all users. */
const toolStatements = [
  ({ user, id }: Target): Step => ({
    text: 'insert into tasks (user_id, id, title) values ($1, $2, $3) on conflict do nothing',
    values: [user, id, randomUUID()],
  }),
  ({ id }: Target): Step => ({ text: 'update tasks set title = $2 where id = $1', values: [id, randomUUID()] }),
  ({ id }: Target): Step => ({ text: 'delete from tasks where id = $1', values: [id] }),
  ({ user, id }: Target): Step => ({
    text: 'insert into lists (user_id, id, name) values ($1, $2, $3) on conflict (user_id, id) do update set name = excluded.name',
    values: [user, id, randomUUID()],
  }),
  ({ id }: Target): Step => ({ text: 'delete from lists where id = $1', values: [id] }),
  (): Step => ({ text: `update tasks set title = $1 where version % 2 = 0`, values: [randomUUID()] }),
  (): Step => ({ text: 'delete from tasks where deleted_at is not null', values: [] }),
];

const target = fc.record({
  user: fc.constantFrom(...users),
  id: fc.integer({ min: 1, max: tasksPerUser }).map((number) => toId('task', number)),
});
const end = fc.constantFrom(
  'commit' as const,
  'commit' as const,
  'commit' as const,
  'rollback' as const,
  'kill' as const,
);

const operation = fc
  .record({ name: fc.constantFrom('create', 'create', 'update', 'update', 'delete', 'purge'), target, end })
  .map(({ name, target, end }): PlannedTransaction => ({
    role: 'holdfast_app',
    user: target.user,
    steps: toOperation(name as 'create', target),
    end,
  }));

const previousOperation = fc
  .record({ name: fc.constantFrom('create', 'update', 'delete'), target, end })
  .map(({ name, target, end }): PlannedTransaction => ({
    role: 'holdfast_app',
    user: target.user,
    steps: [previousOperations[name as 'create'](target)],
    end,
  }));

const savepoints = fc.constantFrom(null, 'savepoint here', 'rollback to here');

const tool = fc
  .record({
    statements: fc.array(fc.record({ build: fc.constantFrom(...toolStatements), target, savepoint: savepoints }), {
      minLength: 1,
      maxLength: 4,
    }),
    end,
  })
  .map(({ statements, end }): PlannedTransaction => ({
    role: 'holdfast_tools',
    user: '',
    steps: [
      { text: 'savepoint here', values: [] },
      ...statements.flatMap(({ build, target, savepoint }) => [
        build(target),
        ...(savepoint === null ? [] : [{ text: savepoint, values: [] }]),
      ]),
    ],
    end,
  }));

const sessionCount = 4;

const mixedPlans: fc.Arbitrary<Plan> = fc.record({
  sessions: fc.array(
    fc.array(fc.oneof({ arbitrary: operation, weight: 3 }, previousOperation, { arbitrary: tool, weight: 2 }), {
      minLength: 2,
      maxLength: 4,
    }),
    { minLength: sessionCount, maxLength: sessionCount },
  ),
  order: fc.array(fc.nat(sessionCount - 1), { minLength: 30, maxLength: 60 }),
});

/** Two operations of one user, each in its own session. @param order The session that takes each step. */
export const toCrossing = (order: number[]): Plan => ({
  sessions: [1, 2].map((number) => {
    const target = { user: users[0], id: toId('task', number) };
    return [{ role: 'holdfast_app', user: users[0], steps: toOperation('create', target), end: 'commit' }];
  }),
  order,
});

const crossings = fc.array(fc.nat(1), { minLength: 10, maxLength: 20 }).map(toCrossing);

/** Half of the plans are crossings, because few of the others show a fault in the order of revisions. */
export const plans: fc.Arbitrary<Plan> = fc.oneof(mixedPlans, crossings);
