import { places } from '../app/places.ts';
import { modifier } from './common.ts';

interface ShortcutGroup {
  title: string;
  keys: [keys: string, text: string][];
}

export const shortcutGroups: ShortcutGroup[] = [
  {
    title: 'Everywhere',
    keys: [
      ['q', 'Add a task'],
      ['/', 'Search'],
      [`${modifier} k`, 'Open anything'],
      [`${modifier} z`, 'Undo'],
      [`${modifier} Shift z`, 'Redo'],
      ['?', 'Show these shortcuts'],
    ],
  },
  {
    title: 'Places',
    keys: places.flatMap(({ key, name }) => (key ? [[`g ${key}`, name]] : [])),
  },
  {
    title: 'In a list',
    keys: [
      ['j', 'Next task'],
      ['k', 'Previous task'],
      ['x', 'Select the task'],
      ['Shift j', 'Extend the selection'],
      ['Space', 'Complete the task'],
      ['Enter', 'Open the task'],
      ['e', 'Edit the title'],
      ['t', 'Set the date'],
      ['m', 'Move to a list'],
      ['l', 'Set labels'],
      ['0 1 2 3', 'No, low, medium, high priority'],
      ['Alt ↑', 'Move the task up'],
      ['Alt ↓', 'Move the task down'],
      ['Delete', 'Move to the trash'],
      ['Escape', 'Clear the selection'],
    ],
  },
];
