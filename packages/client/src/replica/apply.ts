import type { CreateTaskInput, List, Task, TasksContent, UpdateTaskInput } from '@holdfast/api/client';
import type { Operation } from './operations.ts';

/** A list with a mark that it is in the trash. */
export type StoredList = List & { deletedAt?: string | null };

const isSame = (one: string, other: string) =>
  one.normalize('NFC').toLowerCase() === other.normalize('NFC').toLowerCase();
const has = (labels: readonly string[], label: string) => labels.some((other) => isSame(label, other));

function change(task: Task, { set, at }: { set: TasksContent | UpdateTaskInput; at: string }): Task {
  const {
    addLabels,
    removeLabels,
    ifVersion: _v,
    operationId: _o,
    ...fields
  }: TasksContent & UpdateTaskInput = {
    id: task.id,
    ...set,
  };
  const next = { ...task, ...fields, updatedAt: at } as Task;
  if (next.completed !== task.completed) next.completedAt = next.completed ? at : null;
  if (addLabels || removeLabels) {
    const kept = next.labels.filter((label) => !has(removeLabels ?? [], label));
    next.labels = [...kept, ...(addLabels ?? []).filter((label) => !has(kept, label))];
  }
  return next;
}

function create({ id, title, ...fields }: CreateTaskInput, at: string): Task {
  const empty = {
    id: id!,
    title,
    description: null,
    completed: false,
    completedAt: null,
    createdAt: at,
    updatedAt: at,
    version: 0,
    listId: null,
    due: null,
    priority: 0 as const,
    labels: [],
    position: '',
    deletedAt: null,
  };
  return change(empty, { set: fields, at });
}

function rename(task: Task, { from, to }: { from: string; to: string }): Task {
  if (!has(task.labels, from)) return task;
  const renamed = task.labels.map((label) => (isSame(label, from) || isSame(label, to) ? to : label));
  return { ...task, labels: [...new Set(renamed)] };
}

/** The task after an operation, without other effects. Undefined for a task that does not exist. */
export function applyToTask(task: Task | undefined, op: Operation, id: string): Task | undefined {
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
  if (task === undefined) return task;
  switch (path) {
    case 'task.update':
      return change(task, { set: input, at });
    case 'task.updateMany':
      return change(task, { set: input.set, at });
    case 'task.delete':
    case 'task.deleteMany':
      return task.deletedAt === null ? { ...task, deletedAt: at } : task;
    case 'trash.restore':
      return { ...task, deletedAt: null };
    case 'task.reorder':
      return { ...task, position: op.positions?.[id] ?? task.position };
    case 'list.delete':
      if (task.listId !== input.id || task.deletedAt !== null) return task;
      return input.moveTo === undefined ? { ...task, deletedAt: at } : { ...task, listId: input.moveTo };
    case 'list.restore':
      if (task.listId !== input.id || !op.deletedAt || task.deletedAt !== op.deletedAt) return task;
      return { ...task, deletedAt: null };
    case 'label.rename':
      return rename(task, input);
    default:
      return task;
  }
}

/** The list after an operation, without other effects. Undefined for a list that does not exist. */
export function applyToList(list: StoredList | undefined, { path, input, at }: Operation): StoredList | undefined {
  if (path === 'list.create') {
    const { id, name, color = null, position = '' } = input;
    return list ?? { id: id!, name, color, position, archivedAt: null, createdAt: at, updatedAt: at, version: 0 };
  }
  if (list === undefined) return list;
  if (path === 'list.update') {
    const { archived, ifVersion: _v, operationId: _o, ...fields } = input;
    const archivedAt = archived === undefined ? list.archivedAt : archived ? (list.archivedAt ?? at) : null;
    return { ...list, ...fields, archivedAt, updatedAt: at } as StoredList;
  }
  if (path === 'list.delete') return { ...list, deletedAt: list.deletedAt ?? at };
  return path === 'list.restore' ? { ...list, deletedAt: null } : list;
}
