import { common } from './common.ts';

/** Texts of the dialogs that set dates, lists and labels. */
export const choiceTexts = {
  count: (count: number) => (count === 1 ? '1 choice' : `${count} choices`),
  move: 'Move to',
  moveHint: 'Name of a list',
  noList: 'No list has this name.',
  labels: 'Labels',
  labelsHint: 'Name of a label',
  noLabels: 'Write a name to create the first label.',
  someTasks: 'some tasks',
  labelsFull: (title: string) => `“${title}” has 20 labels. Remove one first.`,
  due: 'Date',
  days: {
    today: common.today,
    tomorrow: 'Tomorrow',
    weekend: 'This weekend',
    nextWeekend: 'Next weekend',
    nextWeek: 'Next week',
  },
  noDate: 'No date',
  time: 'Time',
  inZone: (zone: string) => `Only in the time zone ${zone}`,
  inZoneHint: 'The task stays at this moment when you travel.',
  setDate: 'Set date',
  dateMissing: 'The time has no date. Choose a date.',
  timeMalformed: 'The time is not complete. Correct or remove it.',
  words: 'Date in words',
  wordsHint: 'tomorrow, Friday 9am, 24 Dec',
  wordsUnknown: 'This text is no date. Write one such as “Friday 9am”.',
  previousMonth: 'Previous month',
  nextMonth: 'Next month',
};
