import { useEffect } from 'react';
import { tinykeys } from 'tinykeys';
import { useLocation } from 'wouter';
import { useApp } from '../data/app.ts';
import { createStore, useStore } from '../data/store.ts';
import { ShortcutsDialog } from '../later/later.tsx';
import { places } from './places.ts';

/** True if the target of the event accepts text. */
export function isTyping(event: Event): boolean {
  const target = event.target as HTMLElement;
  return target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

/** Whether the dialog that lists all keys is open. */
export const help = createStore(false);

/** Focuses the page's field for a new task. Returns false if the page has no visible field. */
function focusQuickAdd(): boolean {
  const field = document.querySelector<HTMLElement>('[data-quick-add]');
  if (!field?.checkVisibility()) return false;
  field.focus();
  return true;
}

/** The keys that work on every screen. One of them opens the dialog that lists all keys. */
export function Shortcuts({ onAdd }: { onAdd(): void }) {
  const { history } = useApp();
  const [, navigate] = useLocation();
  const isHelpOpen = useStore(help);

  useEffect(() => {
    const onPage = (run: () => unknown) => (event: KeyboardEvent) => {
      if (isTyping(event) || document.querySelector('dialog[open]')) return;
      event.preventDefault();
      run();
    };
    const goTo = places.flatMap(({ key, href }) => (key ? [[`g ${key}`, onPage(() => navigate(href))]] : []));
    return tinykeys(window, {
      ...Object.fromEntries(goTo),
      '$mod+z': onPage(history.undo),
      '$mod+Shift+z': onPage(history.redo),
      '$mod+y': onPage(history.redo),
      '/': onPage(() => navigate('/search')),
      'Shift+?': onPage(() => help.set(true)),
      // Some keyboards have a separate key for the question mark.
      '?': onPage(() => help.set(true)),
      q: onPage(() => focusQuickAdd() || onAdd()),
    });
  }, [history, navigate, onAdd]);

  return isHelpOpen && <ShortcutsDialog onClose={() => help.set(false)} />;
}
