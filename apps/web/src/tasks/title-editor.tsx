import type { Task } from '@holdfast/client';
import { type KeyboardEvent, useId, useRef, useState } from 'react';
import { titleMax } from '../data/characters.ts';
import { taskListTexts, taskTexts } from '../texts/tasks.ts';
import type { Commands } from './commands.ts';

/** The title of a row while it is edited: Enter saves, Escape cancels, and another place saves. */
export function TitleEditor({ task, commands }: { task: Task; commands: Commands }) {
  const id = useId();
  const [title, setTitle] = useState(task.title);
  const [isRefused, setRefused] = useState(false);
  const isOver = useRef(false);
  const isEmpty = title.trim() === '';
  const hasProblem = isRefused && isEmpty;

  function end(saved: string | null, hasFocus: boolean): void {
    if (isOver.current) return;
    isOver.current = true;
    commands.endEdit(task.id, saved, hasFocus);
  }
  function onKeyDown(event: KeyboardEvent): void {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      end(null, true);
    }
    if (event.key !== 'Enter') return;
    event.preventDefault();
    if (isEmpty) setRefused(true);
    else end(title.trim(), true);
  }

  return (
    <div className="task-editor">
      <input
        aria-label={taskTexts.title}
        aria-invalid={hasProblem || undefined}
        aria-describedby={hasProblem ? id : undefined}
        dir="auto"
        value={title}
        maxLength={titleMax}
        // oxlint-disable-next-line jsx-a11y/no-autofocus -- The user asked for the field.
        autoFocus
        onFocus={({ target }) => target.select()}
        onChange={({ target }) => setTitle(target.value)}
        onKeyDown={onKeyDown}
        onBlur={() => end(isEmpty ? null : title.trim(), false)}
      />
      {hasProblem && (
        <p id={id} role="alert" className="field-problem">
          {taskListTexts.emptyTitle}
        </p>
      )}
    </div>
  );
}
