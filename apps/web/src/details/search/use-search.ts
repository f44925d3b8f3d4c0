import { useEffect, useEffectEvent, useMemo, useState } from 'react';
import { useSearchParams } from 'wouter';
import { type DueFilter, dueFilters, type Search } from '../../data/search.ts';

/** Browsers refuse too many changes of the address. */
const addressMs = 400;

export interface SearchState {
  /** The same object until the search changes. */
  search: Search;
  setText(text: string): void;
  /** The value of a filter in the address. Empty: no filter. */
  get(name: Filter): string;
  set(name: Filter, value: string): void;
}

export type Filter = 'list' | 'label' | 'due' | 'priority' | 'state';

/** The search of the user. It is in the address, so that the page can be reloaded and shared, without new entries in the history. */
export function useSearch(): SearchState {
  const [params, setParams] = useSearchParams();
  const stored = params.get('q') ?? '';
  const [{ text, seen }, setState] = useState({ text: stored, seen: stored });
  // A link or the back button changed the address.
  if (stored !== seen) setState({ text: stored, seen: stored });

  function change(name: string, value: string): void {
    setParams(
      (before) => {
        if (value === '') before.delete(name);
        else before.set(name, value);
        return before;
      },
      { replace: true },
    );
  }
  const storeText = useEffectEvent(() => {
    if (text === stored) return;
    setState({ text, seen: text });
    change('q', text);
  });
  useEffect(() => {
    const timer = setTimeout(() => storeText(), addressMs);
    return () => clearTimeout(timer);
  }, [text]);

  const get = (name: Filter) => params.get(name) ?? '';
  const [list, label, due, priority, state] = [get('list'), get('label'), get('due'), get('priority'), get('state')];
  const search = useMemo(
    (): Search => ({
      text,
      listId: list === '' ? undefined : list === 'inbox' ? null : list,
      label: label === '' ? undefined : label,
      due: dueFilters.includes(due as DueFilter) ? (due as DueFilter) : undefined,
      priority: /^[0-3]$/.test(priority) ? Number(priority) : undefined,
      completed: state === '' ? undefined : state === 'completed',
    }),
    [text, list, label, due, priority, state],
  );
  return { search, setText: (next) => setState({ text: next, seen }), get, set: change };
}
