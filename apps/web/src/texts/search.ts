import { countTasks } from './common.ts';
import { formatNumber } from './formats.ts';

export const searchTexts = {
  field: 'Search tasks',
  hint: 'Title, description or label',
  filters: 'Filters',
  list: 'List',
  anyList: 'Any list',
  label: 'Label',
  anyLabel: 'Any label',
  due: 'Date',
  anyDue: 'Any date',
  dues: {
    overdue: 'Overdue',
    today: 'Today',
    week: 'Next 7 days',
    month: 'Next 30 days',
    any: 'With a date',
    none: 'Without a date',
  },
  priority: 'Priority',
  anyPriority: 'Any priority',
  state: 'State',
  anyState: 'Open and completed',
  open: 'Open',
  completed: 'Completed',
  found: (count: number) => (count === 0 ? 'No task found' : `${countTasks(count)} found`),
  start: { title: 'Find a task', hint: 'Results appear while you type. Completed tasks are found too.' },
  none: { title: 'No task found', hint: 'Use fewer words or filters. Tasks in the trash are not searched.' },
};

export const labelTexts = {
  none: { title: 'You have no labels', hint: 'Write # and a name when you add a task, such as #errands.' },
  count: (open: number, completed: number) =>
    [countTasks(open), completed > 0 && `${formatNumber(completed)} completed`].filter(Boolean).join(' · '),
  menu: (name: string) => `Actions for the label #${name}`,
  rename: 'Rename',
  renameTitle: (name: string) => `Rename #${name}`,
  name: 'Name',
  nameMissing: 'Give the label a name.',
  merge: 'Merge',
  mergeHint: (from: string, to: string) => `#${to} exists. Tasks with #${from} get #${to}, and #${from} is gone.`,
  remove: 'Remove from all tasks',
};

export const completedTexts = {
  none: { title: 'No task is completed', hint: 'Tasks that you complete appear here by day.' },
};

export const trashTexts = {
  none: { title: 'The trash is empty', hint: 'Deleted tasks stay here, so that you can restore them.' },
  deleted: (time: string) => `Deleted ${time}`,
  restoreTask: (title: string) => `Restore “${title}”`,
  purge: 'Delete for good',
  purgeTask: (title: string) => `Delete “${title}” for good`,
  purgeTitle: (title: string) => `Delete “${title}” for good?`,
  purgeHint: 'Nobody can restore it afterwards.',
  empty: 'Empty the trash',
  emptyTitle: (count: number) => `Delete ${countTasks(count)} for good?`,
  emptyHint: 'Nobody can restore them afterwards.',
  offline: 'You are offline. Deleting for good needs the server.',
  more: (count: number) => `Show ${formatNumber(count)} more`,
};
