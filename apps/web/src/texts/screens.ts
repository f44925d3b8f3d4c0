import { modifier } from './common.ts';

/** Texts of screens without tasks. */
export const emptyTexts = {
  inbox: {
    title: 'Your inbox is empty',
    hint: 'Add what is on your mind. Sort it into lists later.',
  },
  today: { title: 'Nothing is due today', hint: 'Enjoy the day. Tasks with today’s date appear here.' },
  upcoming: { title: 'No task has a date', hint: 'Write a date in the task, such as “Call Ada tomorrow at 9am”.' },
  list: { title: 'This list has no tasks', hint: 'Add the first one, or move other tasks here.' },
  label: { title: 'No open task has this label', hint: 'Write # and the label when you add a task.' },
};

/** What a new user can do first. */
export const startTexts = {
  title: (name: string | null) => (name ? `Welcome, ${name}` : 'Welcome'),
  hint: 'What is on your mind? Write it down, and it is safe here.',
  example: 'Call Ada tomorrow #family !!',
  exampleHint: 'Write date, label, list and priority in the same line.',
  keys: [
    { keys: 'q', text: 'Add a task from any page.' },
    { keys: `${modifier} k`, text: 'Open any list, label or task.' },
    { keys: '?', text: 'See all keyboard shortcuts.' },
  ],
  touch: 'The button with the plus adds a task.',
  touchHint: 'Touch a task to open it. Its dots show more actions.',
};
