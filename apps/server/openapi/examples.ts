import type { RouterInputs, RouterOutputs } from '@holdfast/api';

type Task = RouterOutputs['task']['get'];
type List = RouterOutputs['list']['create'];

const taskId = '01975d4e-9b1a-7c7e-9d2f-3f6a1c0b8e11';
const listId = '01975d4e-2c4f-7a01-8b7e-5d9f0a3c6b22';

const task: Task = {
  id: taskId,
  title: 'Water the plants',
  description: null,
  completed: false,
  completedAt: null,
  createdAt: '2027-05-30T08:15:00.000Z',
  updatedAt: '2027-05-30T08:15:00.000Z',
  version: 1,
  listId,
  due: { date: '2027-06-01', time: '09:00' },
  priority: 2,
  labels: ['home'],
  position: 'gUXy7kc2Wb',
  deletedAt: null,
};

const list: List = {
  id: listId,
  name: 'Household',
  color: '#2563eb',
  position: 'gUXy7kbZ1p',
  archivedAt: null,
  createdAt: '2027-05-30T08:10:00.000Z',
  updatedAt: '2027-05-30T08:10:00.000Z',
  version: 1,
};

/** Examples by the names of the wire types. The document is checked against them. */
export const examples: Record<string, unknown> = {
  Task: task,
  List: list,
  Due: { date: '2027-06-01', time: '09:00', timeZone: 'Europe/Berlin' },
  DueInput: { date: '2027-06-01', time: '09:00' },
  CreateTaskInput: {
    title: 'Water the plants',
    due: { date: '2027-06-01', time: '09:00' },
    labels: ['home'],
  } satisfies RouterInputs['task']['create'],
  UpdateTaskInput: { id: taskId, completed: true },
  UpdateTasksInput: { ids: [taskId], set: { addLabels: ['garden'] } } satisfies RouterInputs['task']['updateMany'],
  DeleteTasksInput: { ids: [taskId] } satisfies RouterInputs['task']['deleteMany'],
  ReorderTasksInput: { listId, ids: [taskId] } satisfies RouterInputs['task']['reorder'],
  CreateTasksInput: { items: [{ title: 'Buy soil' }, { title: 'Repot the fern' }] },
  CreateListInput: { name: 'Household', color: '#2563eb' } satisfies RouterInputs['list']['create'],
  UpdateListInput: { id: listId, archived: true },
  RenameLabelInput: { from: 'home', to: 'house' } satisfies RouterInputs['label']['rename'],
  RestoreTrashInput: { ids: [taskId] } satisfies RouterInputs['trash']['restore'],
  PurgeTrashInput: { ids: [taskId] } satisfies RouterInputs['trash']['purge'],
  UpdateUserInput: { timeZone: 'Europe/Berlin' } satisfies RouterInputs['user']['update'],
  DeleteUserInput: { password: 'correct horse' },
  ImportDataInput: { tasks: [{ id: taskId, title: 'Water the plants' }] } satisfies RouterInputs['user']['import'],
  User: {
    id: '01975d4d-0f2b-7d3c-8a41-6c1e2f9b7a33',
    email: 'ada@example.com',
    name: 'Ada',
    createdAt: '2027-05-30T08:00:00.000Z',
    timeZone: 'Europe/Berlin',
  } satisfies RouterOutputs['user']['me'],
  CreatedCalendarFeed: {
    path: '/calendar/AZddTQ8rfTyKQWweL5t6M1xn0bq7dQy8mV2hR4sT6uW8yA0cE2gI4k.ics',
    createdAt: '2027-05-30T08:00:00.000Z',
  } satisfies RouterOutputs['calendar']['create'],
  ErrorShape: {
    code: -32_600,
    message: 'title: must not be blank',
    data: {
      code: 'BAD_REQUEST',
      httpStatus: 400,
      path: 'task.create',
      requestId: '01975d4e-9b1a-7c7e-9d2f-3f6a1c0b8e99',
      validation: { errors: [], properties: { title: { errors: ['must not be blank'] } } },
    },
  },
};
