import { quote } from './actions.ts';
import { countTasks } from './common.ts';
import { nameFields } from './fields.ts';

/** Texts about changes that the server did not accept. */
export const refusalTexts = {
  title: 'Changes that need your decision',
  intro: 'The server did not accept these changes. They are only on this device.',
  none: 'All changes are settled.',
  discard: 'Discard',
  edit: 'Edit and save',
  saveEdited: 'Save this text',
  mine: 'Yours',
  theirs: 'From another device',
  edited: 'Your text',
  conflict: 'Another device changed this description at the same time.',
  reasons: {
    NOT_FOUND: 'The task or the list does not exist any more.',
    TOO_OLD: 'The change waited for more than 60 days.',
    CONFLICT: 'Another device changed the same task.',
  } as Record<string, string>,

  aTask: 'a deleted task',
  quoted: quote,
  many: countTasks,
  add: (what: string) => `Add ${what}`,
  addList: (name: string) => `Add the list ${name}`,
  change: (fields: readonly string[], what: string) => `Change ${nameFields(fields)} of ${what}`,
  trash: (what: string) => `Move ${what} to the trash`,
  restore: (what: string) => `Restore ${what}`,
  order: (what: string) => `Change the order of ${what}`,
  renameLabel: (from: string, to: string) => `Rename the label #${from} to #${to}`,
  list: (name: string) => `the list ${name}`,
  aList: 'a deleted list',
};
