import { newId } from '@holdfast/client';
import type { Replica } from '@holdfast/client/replica';
import { createPositionBetween } from '@holdfast/task-values';
import { actionTexts } from '../../texts/actions.ts';
import type { History } from '../history.ts';
import { findLists } from '../views.ts';
import { readFields, setFields } from './fields.ts';

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
      const { name, color } = replica.list.get(id)!;
      const earlier = { ...('name' in changes && { name }), ...('color' in changes && { color }) };
      history.perform({
        text: actionTexts.listChanged(changes.name ?? name),
        redo: () => void replica.list.update({ id, ...changes }),
        undo: () => void replica.list.update({ id, ...earlier }),
      });
    },
    setArchived(id, archived) {
      const { name } = replica.list.get(id)!;
      history.perform({
        text: archived ? actionTexts.listArchived(name) : actionTexts.listUnarchived(name),
        redo: () => void replica.list.update({ id, archived }),
        undo: () => void replica.list.update({ id, archived: !archived }),
      });
    },
    moveList(id, place) {
      const others = findLists(replica.lists).filter((list) => list.id !== id);
      const position = createPositionBetween(others[place - 1]?.position ?? null, others[place]?.position ?? null);
      const { name, position: earlier } = replica.list.get(id)!;
      history.perform({
        text: actionTexts.listMoved(name),
        redo: () => void replica.list.update({ id, position }),
        undo: () => void replica.list.update({ id, position: earlier }),
      });
    },
    deleteList(id, { keepTasks = false } = {}) {
      const { name } = replica.list.get(id)!;
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
