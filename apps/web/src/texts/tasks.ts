import { countTasks } from './common.ts';

export const taskTexts = {
  complete: (title: string) => `Complete “${title}”`,
  reopen: (title: string) => `Mark “${title}” as not completed`,
  open: 'Open',
  edit: 'Edit title',
  title: 'Title',
  due: 'Date',
  list: 'List',
  priority: 'Priority',
  labels: 'Labels',
  description: 'Description',
  duplicate: 'Duplicate',
  delete: 'Move to trash',
  moveUp: 'Move up',
  moveDown: 'Move down',
  selected: (count: number) => `${countTasks(count)} selected`,
  clearSelection: 'Clear the selection',
  completeSelected: 'Complete',
  showCompleted: (count: number) => `Completed (${count.toLocaleString()})`,
};
