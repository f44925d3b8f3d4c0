import type { List, Task } from '@holdfast/api/client';
import type { Operation, Row, StoredList } from './operations.ts';

/** The fields that the inputs of the operations can have. */
interface AnyInput extends Partial<Task> {
  items?: AnyInput[];
  set?: AnyInput;
  addLabels?: string[];
  removeLabels?: string[];
  archived?: boolean;
  moveTo?: string | null;
  from?: string;
  to?: string;
  ifVersion?: number;
  operationId?: string;
}

const toKey = (label: string) => label.normalize('NFC').toLowerCase();
const has = (labels: readonly string[], label: string) => labels.some((other) => toKey(label) === toKey(other));

const newTask: Partial<Task> = {
  description: null,
  completed: false,
  completedAt: null,
  listId: null,
  due: null,
  priority: 0,
  labels: [],
  deletedAt: null,
};
const newList: Partial<List> = { color: null, archivedAt: null };

function change(row: Partial<Row>, set: AnyInput, at: string): Row {
  const { addLabels, removeLabels = [], archived, ifVersion: _, operationId: __, ...fields } = set;
  const next = { ...row, ...fields, updatedAt: at } as Task & StoredList;
  if (fields.completed !== undefined && fields.completed !== (row as Task).completed) {
    next.completedAt = fields.completed ? at : null;
  }
  if (archived !== undefined) next.archivedAt = archived ? (next.archivedAt ?? at) : null;
  if (addLabels ?? set.removeLabels) {
    next.labels = next.labels.filter((label) => !has(removeLabels, label));
    next.labels = [...next.labels, ...(addLabels ?? []).filter((label) => !has(next.labels, label))];
  }
  return next;
}

/** The effect of an operation on the tasks of a list or with a label. */
function applyToOther(task: Task, { path, deletedAt, at }: Operation, { id, moveTo, from, to }: AnyInput): Task {
  if (path === 'label.rename') {
    if (!has(task.labels, from!)) return task;
    const labels = [...new Set(task.labels.map((label) => (has([from!, to!], label) ? to! : label)))];
    return labels.join('\n') === task.labels.join('\n') ? task : { ...task, labels };
  }
  if (task.listId !== id) return task;
  if (path === 'list.restore') return task.deletedAt === deletedAt ? { ...task, deletedAt: null } : task;
  if (path !== 'list.delete' || task.deletedAt) return task;
  return moveTo === undefined ? { ...task, deletedAt: at } : { ...task, listId: moveTo };
}

/** The record after an operation, without other effects. Undefined for a record that does not exist. */
export function apply(row: Row | undefined, op: Operation, record: string): Row | undefined {
  const [kind, id] = record.split(' ') as [string, string];
  const [area, verb] = op.path.split('.') as [string, string];
  const input = op.input as AnyInput;
  const isOwn = area === 'trash' || (area === kind && (input.id ?? id) === id);
  if (!isOwn) return row && kind === 'task' ? applyToOther(row as Task, op, input) : row;
  if (verb.startsWith('create')) {
    const empty = { ...(kind === 'task' ? newTask : newList), createdAt: op.at, version: 0 };
    return row ?? change(empty, input.items?.find((item) => item.id === id) ?? input, op.at);
  }
  if (!row) return row;
  if (verb.startsWith('update')) return change(row, input.set ?? input, op.at);
  if (verb === 'reorder') return { ...row, position: op.positions![id]! };
  const deletedAt = verb === 'restore' ? null : (row.deletedAt ?? op.at);
  return deletedAt === row.deletedAt ? row : { ...row, deletedAt };
}
