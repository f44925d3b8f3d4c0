/** Texts of screens without tasks. */
export const emptyTexts = {
  inbox: {
    title: 'Your inbox is empty',
    hint: 'Press q and write down a thought. Sort it into a list later.',
  },
  today: { title: 'Nothing is due today', hint: 'Tasks with the date of today appear here automatically.' },
  upcoming: { title: 'No task has a date', hint: 'Write a date in the task, such as “Call Ada tomorrow at 9am”.' },
  list: { title: 'This list has no tasks', hint: 'Add the first one above, or drag tasks to this list.' },
  label: { title: 'No open task has this label', hint: 'Write # and the label when you add a task.' },
};
