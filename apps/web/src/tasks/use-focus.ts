import { type RefObject, useEffect, useLayoutEffect, useRef } from 'react';
import { restoreFocus } from '../ui/restore-focus.ts';
import type { ListModel } from './use-list-model.ts';

const isNowhere = () => document.activeElement === null || document.activeElement === document.body;

/** Gives the focus to the active row if a command asks for it, and if the row with the focus is gone. */
export function useFocus(
  grid: RefObject<HTMLElement | null>,
  { active, items, state, isFocusWanted }: ListModel,
  scrollTo: (index: number) => void,
): void {
  const isOwner = useRef(false);

  useEffect(() => {
    const own = (event: Event) => {
      isOwner.current = grid.current?.contains(event.target as Node) === true;
    };
    document.addEventListener('focusin', own);
    document.addEventListener('pointerdown', own);
    return () => {
      document.removeEventListener('focusin', own);
      document.removeEventListener('pointerdown', own);
    };
  }, [grid]);

  useLayoutEffect(() => {
    const isLost = isOwner.current && isNowhere();
    if (state.editing !== null || (!isFocusWanted.current && !isLost)) return;
    isFocusWanted.current = false;
    if (active === null) {
      isOwner.current = false;
      restoreFocus();
      return;
    }
    grid.current?.querySelector<HTMLElement>(`[data-task="${active}"]`)?.focus({ preventScroll: true });
    scrollTo(items.findIndex(({ key }) => key === active));
  });
}
