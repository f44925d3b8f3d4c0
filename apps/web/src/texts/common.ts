/** Texts that several parts of the page show. */
export const common = {
  appName: 'Holdfast',
  cancel: 'Cancel',
  close: 'Close',
  save: 'Save',
  delete: 'Delete',
  undo: 'Undo',
  retry: 'Try again',
  signOut: 'Sign out',
  more: 'More actions',
  none: 'None',
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
export const countTasks = (count: number) => (count === 1 ? '1 task' : `${count.toLocaleString()} tasks`);
