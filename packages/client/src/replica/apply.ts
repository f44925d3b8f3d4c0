import type { CreateTaskInput, Task, TasksContent, UpdateTaskInput } from '@holdfast/api/client';
import type { Operation, Row, StoredList } from './operations.ts';

const toKey = (label: string) => label.normalize('NFC').toLowerCase();
const has = (labels: readonly string[], label: string) => labels.some((other) => toKey(label) === toKey(other));

function change(task: Task, set: TasksContent & Omit<UpdateTaskInput, 'id'>, at: string): Task {
  const { addLabels = [], removeLabels = [], ifVersion: _, operationId: __, ...fields } = set;
  const next = { ...task, ...fields, updatedAt: at } as Task;
  if (next.completed !== task.completed) next.completedAt = next.completed ? at : null;
  const kept = next.labels.filter((label) => !has(removeLabels, label));
  next.labels = [...kept, ...addLabels.filter((label) => !has(kept, label))];
  return next;
}

const create = (input: CreateTaskInput, at: string) =>
  change(
    {
      description: null,
      completed: false,
      completedAt: null,
      createdAt: at,
      version: 0,
      listId: null,
      due: null,
      priority: 0,
      labels: [],
      deletedAt: null,
    } as unknown as Task,
    input,
    at,
  );

function applyToTask(task: Task | undefined, op: Operation, id: string): Task | undefined {
  const { path, input, at } = op;
  if (path === 'task.create') return task ?? create(input, at);
  if (path === 'task.createMany')
    return (
      task ??
      create(
        input.items.find((item) => item.id === id)!,
        at,
      )
    );
  if (!task) return task;
  switch (path) {
    case 'task.update':
      return change(task, input, at);
    case 'task.updateMany':
      return change(task, input.set, at);
    case 'task.delete':
    case 'task.deleteMany':
      return { ...task, deletedAt: task.deletedAt ?? at };
    case 'trash.restore':
      return { ...task, deletedAt: null };
    case 'task.reorder':
      return { ...task, position: op.positions![id]! };
    case 'list.delete':
      if (task.listId !== input.id || task.deletedAt !== null) return task;
      return input.moveTo === undefined ? { ...task, deletedAt: at } : { ...task, listId: input.moveTo };
    case 'list.restore':
      return task.listId === input.id && task.deletedAt === op.deletedAt ? { ...task, deletedAt: null } : task;
    case 'label.rename': {
      const { from, to } = input;
      if (!has(task.labels, from)) return task;
      return { ...task, labels: [...new Set(task.labels.map((label) => (has([from, to], label) ? to : label)))] };
    }
    default:
      return task;
  }
}

function applyToList(list: StoredList | undefined, { path, input, at }: Operation): StoredList | undefined {
  if (path === 'list.create') {
    const created = { color: null, archivedAt: null, createdAt: at, updatedAt: at, version: 0, ...input };
    return list ?? (created as StoredList);
  }
  if (!list) return list;
  if (path === 'list.update') {
    const { archived = list.archivedAt !== null, ifVersion: _, operationId: __, ...fields } = input;
    return { ...list, ...fields, archivedAt: archived ? (list.archivedAt ?? at) : null, updatedAt: at } as StoredList;
  }
  if (path === 'list.delete') return { ...list, deletedAt: list.deletedAt ?? at };
  return path === 'list.restore' ? { ...list, deletedAt: null } : list;
}

/** The record after an operation, without other effects. Undefined for a record that does not exist. */
export function apply(row: Row | undefined, op: Operation, record: string): Row | undefined {
  const [kind, id] = record.split(' ') as [string, string];
  return kind === 'task' ? applyToTask(row as Task, op, id) : applyToList(row as StoredList, op);
}
