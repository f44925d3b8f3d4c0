export const paletteTexts = {
  title: 'Open anything',
  hint: 'Name of a place, list, label or task',
  places: 'Places',
  lists: 'Lists',
  labels: 'Labels',
  tasks: 'Tasks',
  actions: 'Actions',
  light: 'Theme: light',
  dark: 'Theme: dark',
  device: 'Theme of the device',
  search: (text: string) => `Search for “${text}”`,
  addTask: (title: string) => `Add the task “${title}”`,
};
