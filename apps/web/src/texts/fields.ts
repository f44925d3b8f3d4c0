export const fieldTexts = {
  capsLock: 'Caps Lock is on.',
  showPassword: 'Show characters',
  hidePassword: 'Hide characters',
};

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

/** Such as `the title and the date`. */
export const nameFields = (fields: readonly string[]): string =>
  listFormat.format(new Set(fields.map((field) => fieldNames[field] ?? field)));
