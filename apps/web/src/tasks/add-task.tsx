import { type FormEvent, useState } from 'react';
import { useApp } from '../data/app.ts';
import { layoutTexts } from '../texts/layout.ts';
import { Icon } from '../ui/icon.tsx';

export interface AddTaskProps {
  /** The list of new tasks, null for the inbox. */
  listId?: string | null;
  /** The date of new tasks. */
  date?: string;
  label?: string;
}

/** The field that adds tasks. */
export function AddTask({ listId = null, date, label }: AddTaskProps) {
  const { actions } = useApp();
  const [title, setTitle] = useState('');
  function add(event: FormEvent): void {
    event.preventDefault();
    if (title.trim() === '') return;
    actions.addTasks([{ title, listId, ...(date && { due: { date } }), ...(label && { labels: [label] }) }]);
    setTitle('');
  }
  return (
    <form className="add-task" onSubmit={add}>
      <Icon name="add" />
      <input
        data-quick-add
        aria-label={layoutTexts.newTask}
        placeholder={layoutTexts.newTask}
        value={title}
        onChange={({ target }) => setTitle(target.value)}
      />
    </form>
  );
}
