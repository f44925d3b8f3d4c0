import { type FocusEvent, type MouseEvent, type PointerEvent, useEffect, useRef } from 'react';
import type { Commands } from './commands.ts';

/** How long a click on a title waits for a second one, which edits the title. */
const doubleMs = 220;
const longPressMs = 400;
const longPressDistance = 10;

const findId = ({ target }: { target: EventTarget }) =>
  (target as Element).closest<HTMLElement>('[data-task]')?.dataset.task;

/** Buttons, links and fields in a row have their own clicks. */
const isControl = ({ target }: { target: EventTarget }) =>
  (target as Element).closest('button, a, input, [popover]') !== null;

/** Handlers for clicks, double clicks and long presses on rows. */
export function usePointer(commands: Commands) {
  const press = useRef<{ x: number; y: number; timer?: ReturnType<typeof setTimeout> }>(null);
  const opening = useRef<ReturnType<typeof setTimeout>>(undefined);
  const pointer = useRef('mouse');
  const isLongPress = useRef(false);

  function endPress(): void {
    clearTimeout(press.current?.timer);
    press.current = null;
  }
  useEffect(
    () => () => {
      endPress();
      clearTimeout(opening.current);
    },
    [],
  );

  return {
    onFocus(event: FocusEvent) {
      const id = findId(event);
      if (id !== undefined && id !== commands.view().state.active) commands.setActive(id);
    },
    onPointerDown(event: PointerEvent) {
      pointer.current = event.pointerType;
      isLongPress.current = false;
      const id = findId(event);
      if (event.pointerType !== 'touch' || id === undefined || isControl(event)) return;
      const timer = setTimeout(() => {
        isLongPress.current = true;
        if (!commands.view().state.selected.has(id)) commands.toggleSelected(id);
      }, longPressMs);
      press.current = { x: event.clientX, y: event.clientY, timer };
    },
    onPointerMove({ clientX, clientY }: PointerEvent) {
      if (press.current && Math.hypot(clientX - press.current.x, clientY - press.current.y) > longPressDistance)
        endPress();
    },
    onPointerUp: endPress,
    onPointerCancel: endPress,
    onContextMenu(event: MouseEvent) {
      if (pointer.current === 'touch') event.preventDefault();
    },
    onClick(event: MouseEvent) {
      const id = findId(event);
      if (id === undefined || isControl(event)) return;
      const { selected } = commands.view().state;
      if (isLongPress.current) return;
      if (event.shiftKey) {
        document.getSelection()?.removeAllRanges();
        commands.selectTo(id);
      } else if (event.ctrlKey || event.metaKey || selected.size > 0) commands.toggleSelected(id);
      else if (event.detail === 0 || pointer.current === 'touch' || !(event.target as Element).closest('.task-title')) {
        return commands.open(id);
      } else if (event.detail === 1) opening.current = setTimeout(() => commands.open(id), doubleMs);
      commands.activate(id);
    },
    onDoubleClick(event: MouseEvent) {
      const id = findId(event);
      if (id === undefined || isControl(event) || commands.view().state.selected.size > 0) return;
      clearTimeout(opening.current);
      commands.edit(id);
    },
  };
}
