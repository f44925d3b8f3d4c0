import { fold } from '@holdfast/task-values';
import { useState } from 'react';
import { useApp, useLists } from '../../data/app.ts';
import { findLists } from '../../data/views.ts';
import { choiceTexts } from '../../texts/choices.ts';
import { common } from '../../texts/common.ts';
import { type Choice, ChoiceList } from '../../ui/choice-list.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import type { PickerProps } from '../pickers.tsx';
import { usePickedTasks } from './use-picked-tasks.ts';

/** Moves tasks to a list. */
export function MovePicker({ ids, onClose }: PickerProps) {
  const { actions } = useApp();
  const [text, setText] = useState('');
  const tasks = usePickedTasks(ids);
  const lists = findLists(useLists());
  const here = new Set(tasks.map(({ listId }) => listId));

  function moveTo(listId: string | null): void {
    onClose();
    const moved = tasks.filter((task) => task.listId !== listId).map(({ id }) => id);
    if (moved.length > 0) actions.moveTasks(moved, { listId, before: null, after: null });
  }

  const wanted = fold(text);
  const toChoice = (id: string | null, label: string, color: string | null = null): Choice => ({
    id: id ?? 'inbox',
    label,
    color,
    icon: id === null ? 'inbox' : 'list',
    checked: here.has(id) && (here.size === 1 || 'mixed'),
    run: () => moveTo(id),
  });
  const all = [toChoice(null, common.inbox), ...lists.map(({ id, name, color }) => toChoice(id, name, color))];
  const choices = all.filter(({ label }) => fold(label).includes(wanted));
  const name = text.trim();
  if (name !== '' && all.every(({ label }) => fold(label) !== wanted)) {
    choices.push({
      id: 'new',
      label: common.newList(name),
      icon: 'add',
      run: () => moveTo(actions.addList({ name, color: null })),
    });
  }
  return (
    <Dialog title={choiceTexts.move} onClose={onClose} kind="picker">
      <ChoiceList
        label={choiceTexts.move}
        placeholder={choiceTexts.moveHint}
        maxLength={200}
        text={text}
        onText={setText}
        choices={choices}
        empty={choiceTexts.noList}
      />
    </Dialog>
  );
}
