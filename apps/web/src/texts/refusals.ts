import { countTasks } from './common.ts';

const fieldNames: Record<string, string> = {
  title: 'the title',
  description: 'the description',
  completed: 'the check mark',
  listId: 'the list',
  due: 'the date',
  priority: 'the priority',
  labels: 'the labels',
  addLabels: 'the labels',
  removeLabels: 'the labels',
  position: 'the place',
  name: 'the name',
  color: 'the color',
  archived: 'the archive',
};

const listFormat = new Intl.ListFormat('en');

/** Texts about changes that the server did not accept. */
export const refusalTexts = {
  title: 'Changes that need your decision',
  intro: 'The server did not accept these changes. They are only on this device.',
  none: 'All changes are settled.',
  open: (count: number) => (count === 1 ? '1 change needs your decision' : `${count} changes need your decision`),
  ofTask: 'A change of this task needs your decision',
  tryAgain: 'Try again',
  discard: 'Discard',
  keepMine: 'Keep mine',
  keepTheirs: 'Keep theirs',
  edit: 'Edit and save',
  saveEdited: 'Save this text',
  mine: 'Yours',
  theirs: 'From another device',
  edited: 'Your text',
  noText: 'No description',
  conflict: 'Another device changed this description at the same time.',
  reasons: {
    NOT_FOUND: 'The task or the list does not exist any more.',
    TOO_OLD: 'The change waited for more than 60 days.',
    CONFLICT: 'Another device changed the same task.',
  } as Record<string, string>,

  aTask: 'a deleted task',
  quoted: (name: string) => `“${name}”`,
  many: countTasks,
  add: (what: string) => `Add ${what}`,
  addList: (name: string) => `Add the list ${name}`,
  change: (fields: readonly string[], what: string) =>
    `Change ${listFormat.format(new Set(fields.map((field) => fieldNames[field] ?? field)))} of ${what}`,
  trash: (what: string) => `Move ${what} to the trash`,
  restore: (what: string) => `Restore ${what}`,
  order: (what: string) => `Change the order of ${what}`,
  renameLabel: (from: string, to: string) => `Rename the label #${from} to #${to}`,
  list: (name: string) => `the list ${name}`,
  aList: 'a deleted list',
};
