import { formatNumber } from './formats.ts';

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
  refused: 'Needs your decision',
  moreLabels: (count: number) => `${count} more labels`,
};

/** Texts of lists of tasks: selection, keys, moves. */
export const taskListTexts = {
  select: 'Select',
  deselect: 'Remove from the selection',
  selected: (count: number) => `${formatNumber(count)} selected`,
  bulk: 'Actions for the selected tasks',
  clear: 'Clear the selection',
  complete: 'Complete',
  menu: (title: string) => `Actions for “${title}”`,
  setDate: 'Set the date',
  toToday: 'Move all to today',
  emptyTitle: 'A task needs a title. Write one, or press Escape.',
  notOrdered: 'This screen sorts the tasks itself. Open their list to move them.',
  isFirst: 'The task is the first one already.',
  isLast: 'The task is the last one already.',
  movedTo: (title: string, place: number, count: number) =>
    `“${title}” is now ${formatNumber(place)} of ${formatNumber(count)}.`,
  showCompleted: (count: number) => `Completed (${formatNumber(count)})`,
};
