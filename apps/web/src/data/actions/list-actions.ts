import { type List, newId } from '@holdfast/client';
import type { Replica } from '@holdfast/client/replica';
import { actionTexts } from '../../texts/actions.ts';
import type { History } from '../history.ts';
import { findLists } from '../views.ts';
import { readFields, setFields } from './fields.ts';
import { planMove } from './plan-move.ts';

export interface NewList {
  name: string;
  color: string | null;
}

export interface ListActions {
  /** Adds a list to the end, and returns its ID. */
  addList(list: NewList): string;
  changeList(id: string, changes: Partial<NewList>): void;
  setArchived(id: string, archived: boolean): void;
  /** Moves a list to a place among the lists in use, from 0. */
  moveList(id: string, place: number): void;
  /** Moves a list to the trash, with its tasks or, with `keepTasks`, without them. */
  deleteList(id: string, options?: { keepTasks?: boolean }): void;
}

export function createListActions(replica: Replica, history: History): ListActions {
  /** Another device or tab can have removed the list just now. */
  function find(id: string): List | undefined {
    const list = replica.list.get(id);
    if (list === undefined) history.report(actionTexts.listGone);
    return list;
  }

  return {
    addList(list) {
      const id = newId();
      let isNew = true;
      history.perform({
        text: actionTexts.listAdded(list.name),
        redo() {
          if (isNew) replica.list.create({ ...list, id });
          else replica.list.restore({ id });
          isNew = false;
        },
        undo: () => replica.list.delete({ id }),
      });
      return id;
    },
    changeList(id, changes) {
      const list = find(id);
      if (!list) return;
      const { name, color } = list;
      const earlier = { ...('name' in changes && { name }), ...('color' in changes && { color }) };
      history.perform({
        text: actionTexts.listChanged(changes.name ?? name),
        redo: () => void replica.list.update({ id, ...changes }),
        undo: () => void replica.list.update({ id, ...earlier }),
      });
    },
    setArchived(id, archived) {
      const list = find(id);
      if (!list) return;
      const { name } = list;
      history.perform({
        text: archived ? actionTexts.listArchived(name) : actionTexts.listUnarchived(name),
        redo: () => void replica.list.update({ id, archived }),
        undo: () => void replica.list.update({ id, archived: !archived }),
      });
    },
    moveList(id, place) {
      const list = find(id);
      if (!list) return;
      const others = findLists(replica.lists).filter((list) => list.id !== id);
      const [before, after] = [others[place - 1]?.id ?? null, others[place]?.id ?? null];
      // Lists can have the same position, for example after two devices moved them.
      const changes = planMove(others, { listId: null, before, after }, [id]);
      const earlier = changes.map(([of]) => [of, replica.list.get(of)!.position] as const);
      const setPositions = (positions: readonly (readonly [string, string])[]) => {
        for (const [of, position] of positions) if (replica.list.get(of)) replica.list.update({ id: of, position });
      };
      history.perform({
        text: actionTexts.listMoved(list.name),
        redo: () => setPositions(changes),
        undo: () => setPositions(earlier),
      });
    },
    deleteList(id, { keepTasks = false } = {}) {
      const list = find(id);
      if (!list) return;
      const { name } = list;
      const earlier = readFields(
        replica.tasks.filter(({ listId }) => listId === id),
        ['listId'],
      );
      history.perform({
        text: actionTexts.listDeleted(name),
        redo: () => replica.list.delete({ id, ...(keepTasks && { moveTo: null }) }),
        undo() {
          replica.list.restore({ id });
          if (keepTasks) setFields(replica, earlier);
        },
      });
    },
  };
}
