import { expect, test } from 'vitest';
import { read, readTasks, task } from './fixture.ts';

const outlook = [
  '"Subject","Start Date","Due Date","Reminder On/Off","Reminder Date","Reminder Time","Date Completed","% Complete","Categories","Notes","Priority","Status"',
  '"Water plants","11/20/2026","12/5/2026","False","","","","0","Home;Garden","Two cans","High","Not Started"',
  '"Old","","11/1/2026","True","11/1/2026","8:00:00 AM","11/2/2026","1","","","Normal","Complete"',
  '"Some day","","0-0-00","False","","","","0.5","","","Low","In Progress"',
  '"Odd","","soon-ish","False","","","","0","","","Highest","Not Started"',
].join('\r\n');

test('a CSV file of Outlook gives the tasks of Microsoft To Do', () => {
  const { formats, tasks, problems } = readTasks(outlook);
  expect(formats).toEqual(['microsoft-to-do']);
  expect(tasks).toEqual([
    task({
      title: 'Water plants',
      description: 'Two cans\n\nStart: 11/20/2026',
      due: { date: '2026-12-05' },
      priority: 3,
      labels: ['Home', 'Garden'],
    }),
    task({ title: 'Old', description: 'Reminder: 11/1/2026 8:00:00 AM', due: { date: '2026-11-01' }, completed: true }),
    task({ title: 'Some day', description: '% complete: 0.5', priority: 1 }),
    task({ title: 'Odd', description: 'Due: soon-ish' }),
  ]);
  expect(problems.map(({ at, text }) => `${at}: ${text}`)).toEqual([
    'line 2: Start dates are not supported. The description contains it.',
    'line 3: Reminders are not supported. The description contains it.',
    "line 4: There is no field for '% complete'. The description contains it.",
    'line 5: The date is not understood. The description contains it.',
    'line 5: The priority is not Low, Normal or High. It is not imported.',
  ]);
});

const graphTask = {
  '@odata.etag': 'W/"x"',
  id: 'AAMk=',
  title: 'Plan the trip',
  status: 'completed',
  importance: 'high',
  isReminderOn: true,
  reminderDateTime: { dateTime: '2026-12-01T09:00:00.0000000', timeZone: 'UTC' },
  createdDateTime: '2026-11-01T10:20:30.1234567Z',
  completedDateTime: { dateTime: '2026-11-02T00:00:00.0000000', timeZone: 'Europe/Berlin' },
  dueDateTime: { dateTime: '2026-12-04T23:00:00.0000000', timeZone: 'UTC' },
  body: { content: '<p>Pack &amp; go</p><br>', contentType: 'html' },
  categories: ['Travel'],
  startDateTime: { dateTime: '2026-11-30T00:00:00.0000000', timeZone: 'UTC' },
  recurrence: { pattern: { type: 'weekly', interval: 2 } },
  checklistItems: [
    { displayName: 'Passport', isChecked: true },
    { displayName: 'Ticket', isChecked: false },
  ],
  linkedResources: [{ displayName: 'Mail', webUrl: 'https://example.org/1' }],
  hasAttachments: true,
};
const plain = {
  title: 'Plain',
  importance: 'normal',
  dueDateTime: { dateTime: '2026-12-05T00:00:00', timeZone: 'UTC' },
};

const graph = [
  ['a response of Microsoft Graph', { value: [graphTask, plain] }, null],
  [
    'an export by lists',
    {
      lists: [
        { list: { displayName: 'Trips' }, tasks: [graphTask] },
        { list: {}, tasks: [plain] },
      ],
    },
    'Trips',
  ],
  [
    'an array of lists',
    [
      { displayName: 'Trips', tasks: [graphTask] },
      { displayName: 'Aufgaben', wellknownListName: 'defaultList', tasks: [plain] },
    ],
    'Trips',
  ],
] as const;

test.each(graph)('%s gives tasks with their times, steps and links', (_, json, list) => {
  const { formats, lists, tasks, problems } = readTasks(JSON.stringify(json), 'todo.json');
  expect(formats).toEqual(['microsoft-to-do']);
  expect(lists.map(({ name }) => name)).toEqual(list === null ? [] : [list]);
  expect(tasks).toEqual([
    task({
      title: 'Plan the trip',
      description:
        'Pack & go\n\n- [x] Passport\n- [ ] Ticket\nRepeats: weekly, every 2\nReminder: 2026-12-01T09:00 UTC\nStart: 2026-11-30\nLink: Mail https://example.org/1',
      listId: lists[0]?.id ?? null,
      due: { date: '2026-12-05' },
      priority: 3,
      labels: ['Travel'],
      completed: true,
      createdAt: '2026-11-01T10:20:30.123Z',
      completedAt: '2026-11-01T23:00:00.000Z',
    }),
    task({ title: 'Plain', due: { date: '2026-12-05' } }),
  ]);
  expect(problems).toHaveLength(6);
  expect(new Set(problems.map(({ at }) => at))).toEqual(new Set(['task 1']));
});

function readIds(values: object): string[] {
  const text = JSON.stringify([{ displayName: 'Trips', tasks: [{ ...graphTask, ...values }, plain] }]);
  return read({ name: 'todo.json', text }).tasks.map(({ id }) => id);
}

test('a task of Microsoft with another title and list in a later export has the same ID', () => {
  expect(readIds({ title: 'Plan it' })).toEqual(readIds({}));
  expect(readIds({ id: 'BBMk=' })[0]).not.toBe(readIds({})[0]);
});
