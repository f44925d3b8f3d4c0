import { type FocusEvent, type RefObject, useEffect, useRef } from 'react';

interface RowFocus<List> {
  ref: RefObject<List | null>;
  onFocus(event: FocusEvent): void;
}

/** Moves the focus to the next row, else to the title of the page, when the focused row of a list goes away. */
export function useRowFocus<List extends HTMLElement>(count: number): RowFocus<List> {
  const ref = useRef<List>(null);
  const place = useRef(-1);
  useEffect(() => {
    if (document.activeElement !== document.body || place.current === -1) return;
    const rows = ref.current!.querySelectorAll<HTMLElement>('.line-main');
    const target =
      rows[Math.min(place.current, rows.length - 1)] ?? document.querySelector<HTMLElement>('h1[tabindex]');
    target?.focus();
  }, [count]);
  return {
    ref,
    onFocus({ target }) {
      place.current = [...ref.current!.children].findIndex((row) => row.contains(target));
    },
  };
}
