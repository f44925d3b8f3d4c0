import { useDeferredValue } from 'react';
import { useApp, useLists, useTasks, useTimeZone } from '../data/app.ts';
import { findLabels } from '../data/labels.ts';
import { findLists } from '../data/views.ts';
import { QuickAddField } from '../quick-add/quick-add-field.tsx';

export interface AddTaskProps {
  /** The list of new tasks, null for the inbox. */
  listId?: string | null;
  /** The date of new tasks. */
  date?: string;
  label?: string;
}

/** The field that adds tasks to the screen. */
export function AddTask({ listId = null, date, label }: AddTaskProps) {
  const { actions } = useApp();
  const labels = findLabels(useDeferredValue(useTasks()));
  return (
    <QuickAddField
      defaults={{ listId, date, label }}
      lists={findLists(useLists())}
      labels={labels.map(({ name }) => name)}
      timeZone={useTimeZone()}
      onAdd={actions.addTasks}
      onAddList={(name) => actions.addList({ name, color: null })}
    />
  );
}
