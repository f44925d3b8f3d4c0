import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { useApp } from '../data/app.ts';
import { useStore } from '../data/store.ts';
import { usePickers } from '../details/pickers.tsx';
import { useOpenTask } from '../details/use-open-task.ts';
import { createCommands, firstState, type ListState, type ListView } from './commands.ts';
import { findActive, inListOrder, type Item, type Section, toItems, withLeaving } from './items.ts';

/** How long a completed task remains, struck through, and how long rows move. */
const leavingMs = 1000;
const movingMs = 250;

/** The rows of a list, the selection and the commands. */
export function useListModel(sections: readonly Section[], ordered: string | null | undefined) {
  const { replica, actions, history } = useApp();
  const { id: opened, open } = useOpenTask();
  const pickers = usePickers();
  const [state, setState] = useState(firstState);
  const before = useRef<readonly Item[]>([]);
  const isFocusWanted = useRef(false);
  const view = useRef<ListView>(null);

  const items = useMemo(() => {
    const ids = new Set(state.leaving.keys());
    const find = (id: string) => replica.task.get(id);
    return withLeaving(toItems(sections, state.unfolded), { before: before.current, ids, find });
  }, [sections, state.unfolded, state.leaving, replica]);
  const active = useMemo(() => findActive(items, before.current, state.active), [items, state.active]);
  const selected = useMemo(() => inListOrder(items, state.selected), [items, state.selected]);

  const [{ commands, stop }] = useState(() => {
    const timers = new Set<ReturnType<typeof setTimeout>>();
    let actionNumber = 0;
    const update = (change: (state: ListState) => Partial<ListState>) =>
      setState((state) => ({ ...state, ...change(state) }));
    function later(ms: number, run: () => void): void {
      const timer = setTimeout(() => {
        timers.delete(timer);
        run();
      }, ms);
      timers.add(timer);
    }
    function animate(): void {
      update(() => ({ isMoving: true }));
      later(movingMs, () => update(() => ({ isMoving: false })));
    }
    function showLeaving(ids: readonly string[]): void {
      const number = (actionNumber += 1);
      update(({ leaving }) => ({ leaving: new Map([...leaving, ...ids.map((id) => [id, number] as const)]) }));
      later(leavingMs, () => {
        animate();
        update(({ leaving }) => ({ leaving: new Map([...leaving].filter(([, of]) => of !== number)) }));
      });
    }
    return {
      commands: createCommands({
        view: () => view.current!,
        update,
        wantFocus: () => void (isFocusWanted.current = true),
        showLeaving,
        animate,
      }),
      stop: () => timers.forEach(clearTimeout),
    };
  });
  useEffect(() => stop, [stop]);

  useLayoutEffect(() => {
    before.current = items;
    const isWhole = selected.length === state.selected.size;
    const present = { ...state, active, selected: isWhole ? state.selected : new Set(selected) };
    view.current = { items, state: present, ordered, replica, actions, history, pickers, open };
    // Another device can remove the active task, and tasks of the selection.
    if (active !== state.active || !isWhole)
      setState((state) => ({ ...state, active, selected: isWhole ? state.selected : present.selected }));
  });

  // After an undo, the restored task gets the focus.
  const notice = useStore(history.notice);
  useEffect(() => {
    if (notice?.kind !== 'undone') return;
    const restored = notice.ids.find((id) => view.current!.items.some(({ key }) => key === id));
    const { activeElement } = document;
    const isLost = activeElement === document.body || activeElement?.closest('.toast-area') != null;
    if (!isLost && !activeElement?.closest('.task-list, h1')) return;
    const target = restored ?? (isLost ? view.current!.state.active : null);
    if (target !== null) commands.activate(target);
  }, [notice, commands]);

  return { items, active, opened, selected, state, commands, isFocusWanted };
}

export type ListModel = ReturnType<typeof useListModel>;
