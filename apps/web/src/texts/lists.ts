export const listTexts = {
  add: 'New list',
  edit: 'Edit list',
  archive: 'Archive',
  unarchive: 'Use again',
  name: 'Name',
  color: 'Color',
  colors: ['No color', 'Red', 'Orange', 'Olive', 'Green', 'Teal', 'Blue', 'Violet', 'Purple'],
  menu: (name: string) => `Actions for the list “${name}”`,
  deleteTitle: (name: string) => `Delete “${name}”?`,
  deleteHint: 'You can restore the list and its tasks from the trash for 30 days.',
  keepTasks: 'Move its tasks to the inbox',
  deleteTasks: 'Delete with its tasks',
};
