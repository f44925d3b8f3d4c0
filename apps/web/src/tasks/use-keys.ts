import { type KeyboardEvent, useEffect, useRef } from 'react';
import { isTyping } from '../app/shortcuts.tsx';
import type { ListModel } from './use-list-model.ts';

/** After `g`, the next key goes to a place. */
const placeMs = 1000;

/** Such as `shift+j`. */
function toName({ key, ctrlKey, metaKey, altKey, shiftKey }: KeyboardEvent): string {
  const modifiers = [(ctrlKey || metaKey) && 'mod+', altKey && 'alt+', shiftKey && 'shift+'];
  return modifiers.filter(Boolean).join('') + key.toLowerCase();
}

/** The keys of texts/shortcuts.ts for the tasks of a list. Returns the handler of the list. */
export function useKeys({ commands, selected }: Pick<ListModel, 'commands' | 'selected'>) {
  const placeUntil = useRef(0);

  /** Keys with a command for the targets, as `KeyboardEvent.key` in lower case. */
  const byKey: Record<string, () => void> = {
    j: () => commands.step(1),
    arrowdown: () => commands.step(1),
    k: () => commands.step(-1),
    arrowup: () => commands.step(-1),
    home: () => commands.goTo('first'),
    end: () => commands.goTo('last'),
    x: () => commands.toggleSelected(commands.view().state.active!),
    ' ': () => commands.toggleCompleted(commands.findTargets(), { isKeyboard: true }),
    enter: () => commands.open(commands.view().state.active!),
    e: () => commands.edit(commands.view().state.active!),
    t: () => commands.openDate(commands.findTargets()),
    m: () => commands.openMove(commands.findTargets()),
    l: () => commands.openLabels(commands.findTargets()),
    delete: () => commands.remove(commands.findTargets()),
    backspace: () => commands.remove(commands.findTargets()),
    'shift+j': () => commands.step(1, { isSelecting: true }),
    'shift+arrowdown': () => commands.step(1, { isSelecting: true }),
    'shift+k': () => commands.step(-1, { isSelecting: true }),
    'shift+arrowup': () => commands.step(-1, { isSelecting: true }),
    'alt+arrowup': () => commands.move(commands.findTargets(), -1),
    'alt+arrowdown': () => commands.move(commands.findTargets(), 1),
    'mod+a': () => commands.selectAll(),
    ...Object.fromEntries(
      [0, 1, 2, 3].map((level) => [level, () => commands.setPriority(commands.findTargets(), level)]),
    ),
  };

  useEffect(() => {
    // Elsewhere on the page, j and k lead to the list.
    function onKeyDown(event: globalThis.KeyboardEvent): void {
      if (!/^[jk]$/.test(event.key) || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      if (isTyping(event) || document.querySelector('dialog[open], [popover]:popover-open')) return;
      const { active } = commands.view().state;
      if (active === null) return;
      event.preventDefault();
      commands.activate(active);
    }
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, [commands]);

  return (event: KeyboardEvent): void => {
    const target = event.target as HTMLElement;
    if (isTyping(event.nativeEvent) || target.closest('[role=menu]') || event.defaultPrevented) return;
    const name = toName(event);
    // The buttons in a row and in a heading have their own keys.
    if (/^(?:enter| )$/.test(name) && target.closest('button')) return;
    if (name === 'g') placeUntil.current = event.timeStamp + placeMs;
    else if (event.timeStamp < placeUntil.current) placeUntil.current = 0;
    else if (name === 'escape' && selected.length > 0) commands.clear();
    else if (byKey[name] && commands.view().state.active !== null) {
      event.preventDefault();
      byKey[name]();
    }
  };
}
