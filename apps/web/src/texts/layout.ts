import { countTasks } from './common.ts';

export const layoutTexts = {
  navigation: 'Places',
  lists: 'Lists',
  noLists: 'Lists keep the tasks of a project together.',
  openTasks: 'open tasks',
  openMenu: 'Open the menu',
  skip: 'Skip to the tasks',
  offline: 'Offline',
  unsent: (count: number) => `${count === 1 ? '1 change is' : `${count} changes are`} not sent yet`,
  sent: 'All changes are saved',
  offlineHint: 'Your changes are stored on this device, and sent when you are online again.',
  notStored: 'This browser does not store your tasks. Unsent changes are lost if you close the page.',
  refused: (count: number) => (count === 1 ? '1 change needs your decision' : `${count} changes need your decision`),
  notFound: 'This page does not exist',
  notFoundHint: 'The link may be wrong, or the list may have been deleted.',
  toInbox: 'Go to the inbox',
  failed: 'Something went wrong on this page',
  failedHint: 'Your tasks are safe. Load the page again.',
  reload: 'Load again',
  results: countTasks,
};
