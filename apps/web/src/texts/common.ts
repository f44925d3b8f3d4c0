import { formatNumber } from './formats.ts';

/** Texts that several parts of the page show. */
export const common = {
  appName: 'Holdfast',
  cancel: 'Cancel',
  close: 'Close',
  save: 'Save',
  delete: 'Delete',
  undo: 'Undo',
  retry: 'Try again',
  done: 'Done',
  keepMine: 'Keep mine',
  keepTheirs: 'Keep theirs',
  noDescription: 'No description',
  newList: (name: string) => `New list “${name}”`,
  newLabel: (name: string) => `New label “${name}”`,
  labelLong: 'A label has at most 50 characters. Use a shorter name.',
  signOut: 'Sign out',
  inbox: 'Inbox',
  today: 'Today',
  upcoming: 'Upcoming',
  labels: 'Labels',
  search: 'Search',
  completed: 'Completed',
  trash: 'Trash',
  settings: 'Settings',
  overdue: 'Overdue',
  priorities: ['No priority', 'Low priority', 'Medium priority', 'High priority'],
} as const;

/** `1 task`, `2 tasks`. */
export const countTasks = (count: number) => (count === 1 ? '1 task' : `${formatNumber(count)} tasks`);

/** The key for shortcuts of the device. */
export const modifier = /Mac|iPhone|iPad/.test(globalThis.navigator?.userAgent ?? '') ? '⌘' : 'Ctrl';
