import { type Holdfast, isHoldfastError, type Task, type UpdateTaskInput } from '@holdfast/client';

type Edit = Partial<Pick<Task, 'title' | 'description' | 'completed' | 'listId' | 'due' | 'priority' | 'labels'>>;
type Field = keyof Edit;

const isSame = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);

/**
 * Saves the changed fields of an edit that began with `base`. Changes of other people to other fields remain. Saves nothing
 * if someone else has changed the same fields to other values. `conflicts` then names them, and `task` contains them.
 */
export async function saveEdit(
  holdfast: Holdfast,
  base: Task,
  edit: Edit,
): Promise<{ task: Task; conflicts: Field[] }> {
  const fields = (Object.keys(edit) as Field[]).filter((field) => !isSame(edit[field], base[field]));
  const changes: Omit<UpdateTaskInput, 'id'> = Object.fromEntries(fields.map((field) => [field, edit[field]]));
  let task = base;
  for (;;) {
    const conflicts = fields.filter((field) => !isSame(task[field], base[field]) && !isSame(task[field], edit[field]));
    if (conflicts.length > 0) return { task, conflicts };
    try {
      task = await holdfast.task.update({ ...changes, id: task.id, ifVersion: task.version });
      return { task, conflicts: [] };
    } catch (error) {
      if (!isHoldfastError(error, 'CONFLICT')) throw error;
      task = error.current;
    }
  }
}
