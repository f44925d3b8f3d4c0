import type { Replica } from '@holdfast/client/replica';
import type { Actions } from '../data/actions/actions.ts';
import type { History } from '../data/history.ts';
import type { Pickers } from '../details/pickers.tsx';
import { taskListTexts } from '../texts/tasks.ts';
import { findMain, findRange, findStep, findTask, inListOrder, type Item, type Section } from './items.ts';

/** State of a list, without its tasks. */
export interface ListState {
  /** The row with the focus, or that gets it next. */
  active: string | null;
  selected: ReadonlySet<string>;
  /** Start of a selected range. */
  anchor: string | null;
  /** ID of the task with an open title field. */
  editing: string | null;
  /** Completed tasks that are still shown for a moment, each with the number of its action. */
  leaving: ReadonlyMap<string, number>;
  /** IDs of the folds that are open. */
  unfolded: ReadonlySet<string>;
  /** Text for screen readers. */
  announcement: string;
  /** True while rows move to their new places. */
  isMoving: boolean;
}

export const firstState: ListState = {
  active: null,
  selected: new Set(),
  anchor: null,
  editing: null,
  leaving: new Map(),
  unfolded: new Set(),
  announcement: '',
  isMoving: false,
};

/** The data for commands. */
export interface ListView {
  items: readonly Item[];
  state: ListState;
  ordered: string | null | undefined;
  replica: Replica;
  actions: Actions;
  history: History;
  pickers: Pickers;
  open(id: string): void;
}

interface Tools {
  view(): ListView;
  update(change: (state: ListState) => Partial<ListState>): void;
  /** The active row gets the focus after the next change. */
  wantFocus(): void;
  /** Shows completed tasks for a moment. */
  showLeaving(ids: readonly string[]): void;
  /** Lets rows move to their new places. */
  animate(): void;
}

export type Commands = ReturnType<typeof createCommands>;

/** Adds an ID to a set, or removes it. */
function toggle(ids: ReadonlySet<string>, id: string): Set<string> {
  const next = new Set(ids);
  if (!next.delete(id)) next.add(id);
  return next;
}

/** Everything that can be done in a list. Commands with `ids` default to the selection, else to the active task. */
export function createCommands({ view, update, wantFocus, showLeaving, animate }: Tools) {
  const indexOf = (id: string | null) => view().items.findIndex(({ key }) => key === id);
  const select = (ids: Iterable<string>, anchor: string | null) => update(() => ({ selected: new Set(ids), anchor }));
  const announce = (announcement: string) => update(() => ({ announcement }));

  function activate(id: string): void {
    wantFocus();
    update(() => ({ active: id }));
  }

  /** The tasks of an action: the selection if the task belongs to it. */
  function findTargets(id: string | null = null): string[] {
    const { items, state } = view();
    if (state.selected.size > 0 && (id === null || state.selected.has(id))) return inListOrder(items, state.selected);
    const only = id ?? state.active;
    return only === null ? [] : [only];
  }

  const clear = () => select([], null);

  /** Gives the focus to the first row below the tasks, else above them. */
  function leave(ids: readonly string[]): void {
    const { items, state } = view();
    const gone = new Set([...ids, ...state.leaving.keys()]);
    const isLeft = ({ key, task }: Item) => task !== undefined && !gone.has(key);
    const at = indexOf(state.active);
    const next = items.find((item, index) => index > at && isLeft(item)) ?? items.findLast(isLeft);
    if (next) activate(next.key);
  }

  const commands = {
    view,
    findTargets,
    activate,
    clear,
    announce,
    /** Ends the selection from a control that goes away with it. */
    endSelection() {
      const { active } = view().state;
      clear();
      if (active !== null) activate(active);
    },
    /** Follows the focus. */
    setActive: (id: string) => update(({ active }) => (active === id ? {} : { active: id })),
    step(step: 1 | -1, { isSelecting = false } = {}) {
      const { items, state } = view();
      const at = indexOf(state.active);
      const next = findTask(items, at + step, step);
      if (!next) return;
      activate(next.key);
      if (!isSelecting) return update(() => ({ anchor: null }));
      const anchor = state.anchor ?? state.active!;
      select(findRange(items, anchor, next.key), anchor);
    },
    goTo(end: 'first' | 'last') {
      const { items } = view();
      const target = end === 'first' ? findTask(items, 0, 1) : findTask(items, items.length - 1, -1);
      if (target) activate(target.key);
    },
    toggleSelected(id: string) {
      select(toggle(view().state.selected, id), id);
    },
    selectTo(id: string) {
      const { items, state } = view();
      const anchor = state.anchor ?? state.active ?? id;
      select(findRange(items, anchor, id), anchor);
    },
    selectAll() {
      const tasks = findMain(view().items);
      select(
        tasks.map(({ key }) => key),
        null,
      );
    },
    /** Completes the tasks, or reopens them if all of them are completed. With the keyboard, the next row gets the focus. */
    toggleCompleted(ids: readonly string[], { isKeyboard = false } = {}) {
      const { replica, actions } = view();
      const open = ids.filter((id) => replica.task.get(id)?.completed === false);
      if (open.length > 0) {
        showLeaving(open);
        if (isKeyboard) leave(open);
      } else animate();
      actions.setCompleted(open.length > 0 ? open : ids, open.length > 0);
      clear();
    },
    remove(ids: readonly string[]) {
      leave(ids);
      animate();
      view().actions.deleteTasks(ids);
      clear();
    },
    setPriority(ids: readonly string[], priority: number) {
      if (ids.length > 0) view().actions.changeTasks(ids, { priority: priority as 0 | 1 | 2 | 3 });
    },
    duplicate(ids: readonly string[]) {
      animate();
      const [first] = view().actions.duplicateTasks(ids);
      if (first !== undefined) activate(first);
    },
    /** Moves tasks one step in the manual order. */
    move(ids: readonly string[], step: 1 | -1) {
      const { items, ordered, history } = view();
      if (ordered === undefined) return history.report(taskListTexts.notOrdered);
      const order = findMain(items).map(({ key }) => key);
      const moved = ids.filter((id) => order.includes(id));
      const place = moved.length > 0 && findStep(order, moved, step);
      if (!place) return announce(step === -1 ? taskListTexts.isFirst : taskListTexts.isLast);
      commands.place(moved, place);
    },
    /** Moves tasks between two others of this list. */
    place(ids: readonly string[], place: { before: string | null; after: string | null }) {
      const { items, ordered, actions, replica } = view();
      const moved = new Set(ids);
      const order = findMain(items).filter(({ key }) => !moved.has(key));
      animate();
      actions.moveTasks(ids, { listId: ordered!, ...place });
      const at = place.before === null ? 0 : order.findIndex(({ key }) => key === place.before) + 1;
      const title = replica.task.get(ids[0]!)?.title ?? '';
      announce(taskListTexts.movedTo(title, at + 1, order.length + ids.length));
      activate(ids.includes(view().state.active!) ? view().state.active! : ids[0]!);
    },
    /** Gives tasks to a section, such as a day. */
    drop(ids: readonly string[], section: Section) {
      animate();
      section.onDrop?.(ids);
      if (ids[0] !== undefined) activate(ids[0]);
    },
    edit: (id: string) => update(() => ({ editing: id, active: id })),
    /** Ends the edit of a title. */
    endEdit(id: string, title: string | null, hasFocus: boolean) {
      const { replica, actions } = view();
      if (view().state.editing !== id) return;
      if (hasFocus) wantFocus();
      update(() => ({ editing: null }));
      if (title !== null && title !== replica.task.get(id)?.title) actions.changeTasks([id], { title });
    },
    open: (id: string) => view().open(id),
    openDate: (ids: readonly string[]) => view().pickers.openDate(ids),
    openMove: (ids: readonly string[]) => view().pickers.openMove(ids),
    openLabels: (ids: readonly string[]) => view().pickers.openLabels(ids),
    toggleFold(id: string) {
      update(({ unfolded }) => ({ unfolded: toggle(unfolded, id) }));
    },
  };
  return commands;
}
