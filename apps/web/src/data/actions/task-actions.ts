import { type CreateTaskInput, newId, type Task, type UpdateTasksInput } from '@holdfast/client';
import type { Replica } from '@holdfast/client/replica';
import { actionTexts } from '../../texts/actions.ts';
import type { History } from '../history.ts';
import { inParts } from '../in-parts.ts';
import { findLabeled, hasLabel } from '../labels.ts';
import { byPosition } from '../views.ts';
import { type Field, type Fields, readFields, setFields } from './fields.ts';
import { type Place, planMove } from './plan-move.ts';

export interface TaskActions {
  /** Adds tasks to the end of their lists, and returns their IDs. */
  addTasks(tasks: readonly CreateTaskInput[]): string[];
  setCompleted(ids: readonly string[], completed: boolean): void;
  /** Changes the given fields of all tasks. `text` replaces the usual notice. */
  changeTasks(ids: readonly string[], fields: Omit<Fields, 'position' | 'completed'>, text?: string): void;
  /** Moves tasks to a day. Their times do not change. */
  moveToDay(ids: readonly string[], date: string): void;
  addLabels(ids: readonly string[], labels: readonly string[]): void;
  removeLabels(ids: readonly string[], labels: readonly string[]): void;
  /** Moves tasks to a place, in the order of `ids`. */
  moveTasks(ids: readonly string[], place: Place): void;
  /** Adds copies below the originals, and returns their IDs. */
  duplicateTasks(ids: readonly string[]): string[];
  deleteTasks(ids: readonly string[]): void;
  /** Moves tasks out of the trash. */
  restoreTasks(ids: readonly string[]): void;
  /** Renames a label of all tasks. */
  renameLabel(from: string, to: string): void;
}

export function createTaskActions(replica: Replica, history: History): TaskActions {
  const findTasks = (ids: readonly string[]): Task[] =>
    ids.flatMap((id) => {
      const task = replica.task.get(id);
      return task ? [task] : [];
    });
  const remove = (ids: readonly string[]) => {
    for (const part of inParts(ids)) replica.task.deleteMany({ ids: part });
  };
  const restore = (ids: readonly string[]) => {
    for (const part of inParts(ids)) replica.task.restore({ ids: part });
  };

  function change(text: string, tasks: readonly Task[], changes: readonly (readonly [string, Fields])[]): void {
    const names = Object.keys(changes[0]?.[1] ?? {}) as Field[];
    if (names.length === 0) return;
    const earlier = readFields(tasks, names);
    history.perform({
      text,
      ids: changes.map(([id]) => id),
      redo: () => setFields(replica, changes),
      undo: () => setFields(replica, earlier),
    });
  }

  /** Other labels that another device sets at the same time remain. */
  function changeLabels(text: string, tasks: readonly Task[], set: UpdateTasksInput['set']): void {
    const ids = tasks.map(({ id }) => id);
    if (ids.length === 0) return;
    const earlier = readFields(tasks, ['labels']);
    history.perform({
      text,
      ids,
      redo() {
        for (const part of inParts(ids)) replica.task.updateMany({ ids: part, set });
      },
      undo: () => setFields(replica, earlier),
    });
  }

  /** The tasks of a list that are not moved, from first to last. */
  const findOthers = (listId: string | null, moved: ReadonlySet<string> = new Set()) =>
    replica.tasks.filter((task) => task.listId === listId && !moved.has(task.id)).toSorted(byPosition);

  return {
    addTasks(tasks) {
      const items = tasks.map((task) => ({ ...task, id: task.id ?? newId() }));
      const ids = items.map(({ id }) => id);
      const [first] = items;
      if (!first) return [];
      let isNew = true;
      history.perform({
        text: actionTexts.added(tasks),
        ids,
        redo() {
          if (!isNew) restore(ids);
          else if (items.length === 1) replica.task.create(first);
          else for (const part of inParts(items)) replica.task.createMany({ items: part });
          isNew = false;
        },
        undo: () => remove(ids),
      });
      return ids;
    },
    setCompleted(ids, completed) {
      const tasks = findTasks(ids).filter((task) => task.completed !== completed);
      const changes = tasks.map(({ id }) => [id, { completed }] as const);
      change(completed ? actionTexts.completed(tasks) : actionTexts.reopened(tasks), tasks, changes);
    },
    changeTasks(ids, fields, text) {
      const tasks = findTasks(ids);
      change(
        text ?? actionTexts.changed(Object.keys(fields), tasks),
        tasks,
        tasks.map(({ id }) => [id, fields]),
      );
    },
    moveToDay(ids, date) {
      const tasks = findTasks(ids).filter(({ due }) => due?.date !== date);
      const changes = tasks.map(({ id, due }) => [id, { due: { ...due, date } }] as const);
      change(actionTexts.movedToDay(tasks, date), tasks, changes);
    },
    addLabels(ids, labels) {
      const tasks = findTasks(ids).filter((task) => !labels.every((label) => hasLabel(task.labels, label)));
      changeLabels(actionTexts.labelsAdded(labels, tasks), tasks, { addLabels: [...labels] });
    },
    removeLabels(ids, labels) {
      const tasks = findTasks(ids).filter((task) => labels.some((label) => hasLabel(task.labels, label)));
      changeLabels(actionTexts.labelsRemoved(labels, tasks), tasks, { removeLabels: [...labels] });
    },
    moveTasks(ids, place) {
      const { listId } = place;
      const tasks = findTasks(ids);
      const present = tasks.map(({ id }) => id);
      const changes = planMove(findOthers(listId, new Set(present)), place, present).map(
        ([id, position]) => [id, { listId, position }] as const,
      );
      change(actionTexts.moved(tasks), findTasks(changes.map(([id]) => id)), changes);
    },
    duplicateTasks(ids) {
      const orders = new Map<string | null, readonly Task[]>();
      const copies = findTasks(ids).map(({ id: above, title, description, listId, due, priority, labels }) => {
        const id = newId();
        const others = orders.get(listId) ?? findOthers(listId);
        orders.set(listId, others);
        const [, position] = planMove(others, { listId, before: above, after: null }, [id]).find(([of]) => of === id)!;
        return { id, title, description, listId, due, priority, labels, position };
      });
      return this.addTasks(copies);
    },
    deleteTasks(ids) {
      const tasks = findTasks(ids);
      const present = tasks.map(({ id }) => id);
      if (present.length === 0) return;
      history.perform({
        text: actionTexts.deleted(tasks),
        ids: present,
        redo: () => remove(present),
        undo: () => restore(present),
      });
    },
    restoreTasks(ids) {
      if (ids.length === 0) return;
      history.perform({
        text: actionTexts.restored(findTasks(ids)),
        ids,
        redo: () => restore(ids),
        undo: () => remove(ids),
      });
    },
    renameLabel(from, to) {
      const tasks = findLabeled(replica.tasks, from);
      const earlier = readFields(tasks, ['labels']);
      history.perform({
        text: actionTexts.labelRenamed(from, to),
        redo: () => replica.task.renameLabel({ from, to }),
        undo: () => setFields(replica, earlier),
      });
    },
  };
}
