import { type CreateTaskInput, newId, type Task } from '@holdfast/client';
import type { Replica } from '@holdfast/client/replica';
import { actionTexts } from '../../texts/actions.ts';
import type { History } from '../history.ts';
import { byPosition } from '../views.ts';
import { type Field, type Fields, inParts, readFields, setFields } from './fields.ts';
import { type Place, planMove } from './plan-move.ts';

export interface TaskActions {
  /** Adds tasks to the end of their lists, and returns their IDs. */
  addTasks(tasks: readonly CreateTaskInput[]): string[];
  setCompleted(ids: readonly string[], completed: boolean): void;
  /** Changes the given fields of all tasks. `text` replaces the usual notice. */
  changeTasks(ids: readonly string[], fields: Omit<Fields, 'position' | 'completed'>, text?: string): void;
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

  function changeLabels(ids: readonly string[], text: string, toLabels: (labels: readonly string[]) => string[]): void {
    const tasks = findTasks(ids);
    change(
      text,
      tasks,
      tasks.map(({ id, labels }) => [id, { labels: toLabels(labels) }]),
    );
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
        text: actionTexts.added(ids.length),
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
      change(completed ? actionTexts.completed(tasks.length) : actionTexts.reopened(tasks.length), tasks, changes);
    },
    changeTasks(ids, fields, text) {
      const tasks = findTasks(ids);
      change(
        text ?? actionTexts.changed(tasks.length),
        tasks,
        tasks.map(({ id }) => [id, fields]),
      );
    },
    addLabels(ids, labels) {
      const toLabels = (present: readonly string[]) => {
        const known = new Set(present.map((label) => label.toLowerCase()));
        return [...present, ...labels.filter((label) => !known.has(label.toLowerCase()))];
      };
      changeLabels(ids, actionTexts.labelsAdded(labels), toLabels);
    },
    removeLabels(ids, labels) {
      const gone = new Set(labels.map((label) => label.toLowerCase()));
      changeLabels(ids, actionTexts.labelsRemoved(labels), (present) =>
        present.filter((label) => !gone.has(label.toLowerCase())),
      );
    },
    moveTasks(ids, place) {
      const { listId } = place;
      const present = findTasks(ids).map(({ id }) => id);
      const changes = planMove(findOthers(listId, new Set(present)), place, present).map(
        ([id, position]) => [id, { listId, position }] as const,
      );
      change(actionTexts.moved(present.length), findTasks(changes.map(([id]) => id)), changes);
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
      const present = findTasks(ids).map(({ id }) => id);
      if (present.length === 0) return;
      history.perform({
        text: actionTexts.deleted(present.length),
        ids: present,
        redo: () => remove(present),
        undo: () => restore(present),
      });
    },
    restoreTasks(ids) {
      if (ids.length === 0) return;
      history.perform({
        text: actionTexts.restored(ids.length),
        ids,
        redo: () => restore(ids),
        undo: () => remove(ids),
      });
    },
    renameLabel(from, to) {
      const hasLabel = ({ labels }: Task) => labels.some((label) => label.toLowerCase() === from.toLowerCase());
      const earlier = readFields(replica.tasks.filter(hasLabel), ['labels']);
      history.perform({
        text: actionTexts.labelRenamed(from, to),
        redo: () => replica.task.renameLabel({ from, to }),
        undo: () => setFields(replica, earlier),
      });
    },
  };
}
