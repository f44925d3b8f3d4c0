import { expect, test } from 'vitest';
import { read, readTasks, task } from './fixture.ts';

const header =
  'TYPE,CONTENT,DESCRIPTION,PRIORITY,INDENT,AUTHOR,RESPONSIBLE,DATE,DATE_LANG,TIMEZONE,DURATION,DURATION_UNIT,DEADLINE,DEADLINE_LANG';

/** A template as Todoist exports it. */
const template = [
  `\uFEFF${header}`,
  'meta,view_style=list,,,,,,,,,,,,',
  'task,"Buy ""good"" soil @garden @shop",Two bags,1,1,Ada (1),,2026-12-05,en,Europe/Berlin,,,,',
  'task,Ask Ben,,4,2,Ada (1),Ben (2),,,,,,,',
  'note,"He has a car.',
  'Really. [[file {""file_name"":""map.png"",""file_url"":""https://example.org/map.png""}]]",,,,Ada (1),,,,,,,,',
  ',,,,,,,,,,,,,',
  'section,Every week,,,,,,,,,,,,',
  'task,Water the ferns,,2,1,Ada (1),,every friday at 9am,en,Europe/Berlin,15,minute,,',
  'task,Call Tokyo,,3,1,Ada (1),,tomorrow at 18:00,en,Asia/Tokyo,,,2026-12-24,en',
  'task,Rent,,,,,,,,,,,2026-12-31,en',
  '',
].join('\r\n');

test('a template of Todoist gives tasks in its order, with all that tasks have no field for in their descriptions', () => {
  const { formats, lists, tasks, problems } = readTasks(template, 'Garden [2203306141].csv');
  expect(formats).toEqual(['todoist']);
  expect(lists).toEqual([{ id: expect.any(String) as string, name: 'Garden' }]);
  const listId = lists[0]!.id;
  expect(tasks).toEqual([
    task({
      title: 'Buy "good" soil',
      description: 'Two bags',
      listId,
      due: { date: '2026-12-05' },
      priority: 3,
      labels: ['garden', 'shop'],
    }),
    task({
      title: 'Ask Ben',
      description:
        'Assigned to: Ben\nSubtask of: Buy "good" soil\nComment: He has a car.\nReally. map.png https://example.org/map.png',
      listId,
    }),
    task({
      title: 'Water the ferns',
      description: 'Duration: 15 minutes\nRepeats: every friday at 9am\nSection: Every week',
      listId,
      due: { date: '2026-12-04', time: '09:00' },
      priority: 2,
    }),
    task({
      title: 'Call Tokyo',
      description: 'Deadline: 2026-12-24\nSection: Every week',
      listId,
      due: { date: '2026-12-01', time: '18:00', timeZone: 'Asia/Tokyo' },
      priority: 1,
    }),
    task({ title: 'Rent', description: 'Section: Every week', listId, due: { date: '2026-12-31' } }),
  ]);
  expect(problems.map(({ at, text }) => `${at}: ${text}`)).toEqual([
    'line 4: Tasks cannot be assigned. The description contains the name.',
    'line 4: Subtasks are not supported. The description names the parent task.',
    'line 5: Attachments are not imported. The description contains the link.',
    'line 8: Sections are not supported. The descriptions of its tasks name it.',
    'line 9: Durations are not supported. The description contains it.',
    'line 9: Repeated tasks are not supported. The task has the next date.',
    'line 10: Deadlines are not supported. The description contains it.',
    'line 11: Deadlines are not supported. It is the due date.',
  ]);
  expect(new Set(problems.map(({ file }) => file))).toEqual(new Set(['Garden [2203306141].csv']));
});

/** The due date, the description and the problems of a task with this date. */
function readDated(date: string, more = ',en,Europe/Berlin,,,,') {
  const { tasks, problems } = readTasks(`${header}\ntask,x,,4,1,,,${date}${more}`, 'Inbox.csv');
  return [tasks[0]!.due, tasks[0]!.description, problems.map(({ text }) => text).join()];
}

test.each([
  ['Dec 24', { date: '2026-12-24' }],
  ['5 Jan 2027 14:30', { date: '2027-01-05', time: '14:30' }],
  ['today', { date: '2026-11-30' }],
  ['2026-12-05 07:15', { date: '2026-12-05', time: '07:15' }],
] as const)('the date %s of Todoist is understood', (text, due) => {
  expect(readDated(text)).toEqual([due, null, '']);
});

test.each([
  ['every day', { date: '2026-11-30' }],
  ['every! monday', { date: '2026-11-30' }],
  ['ev 24 dec', { date: '2026-12-24' }],
  ['daily', { date: '2026-11-30' }],
] as const)('of the repeated date %s, the next one is imported', (text, due) => {
  expect(readDated(text)).toEqual([
    due,
    `Repeats: ${text}`,
    'Repeated tasks are not supported. The task has the next date.',
  ]);
});

test('a repeated date without a single meaning, and a date in another language, remain as text', () => {
  const noDate = 'Repeated tasks are not supported. The task has no due date.';
  expect(readDated('every 3rd workday')).toEqual([null, 'Repeats: every 3rd workday', noDate]);
  const unknown = 'The date is not understood. The description contains it.';
  expect(readDated('übermorgen', ',de,,,,,')).toEqual([null, 'Due: übermorgen', unknown]);
});

test('an unknown zone, and a time that its clocks skip, are reported, and the time stays', () => {
  const problem = 'The time zone does not fit. The time has no zone.';
  expect(readDated('2026-12-05 07:15', ',en,Mars/Base,,,,')).toEqual([
    { date: '2026-12-05', time: '07:15' },
    null,
    problem,
  ]);
  const skipped = readDated('2027-03-14 02:30', ',en,America/New_York,,,,');
  expect(skipped).toEqual([{ date: '2027-03-14', time: '02:30' }, null, problem]);
});

test('several files are several lists, and the inbox of Todoist is the inbox', () => {
  const text = `${header}\ntask,x,,4,1,,,,,,,,,`;
  const files = ['Inbox.csv', 'Work.csv', 'Home [22].csv', 'work.csv'].map((name) => ({ name, text }));
  const { lists, tasks } = read(files);
  expect(lists.map(({ name }) => name)).toEqual(['Work', 'Home']);
  const [work, home] = lists.map(({ id }) => id);
  expect(tasks.map(({ listId }) => listId)).toEqual([null, work, home, work]);
  expect(new Set(tasks.map(({ id }) => id)).size).toBe(4);
});

test('rows that are no tasks, sections or comments, and a comment without a task, are reported with their lines', () => {
  const { tasks, problems } = readTasks(
    `${header}\nnote,lost,,,,,,,,,,,,\nproject,x,,,,,,,,,,,,\ntask,@only,,9,x,,,,,,,,,`,
  );
  expect(tasks).toEqual([task({ title: '@only', labels: ['only'], listId: expect.any(String) as string })]);
  expect(problems.map(({ at, text }) => `${at}: ${text}`)).toEqual([
    'line 2: The comment belongs to no task. It is not imported.',
    "line 3: The type 'project' is unknown. The row is not imported.",
    'line 4: The priority is not 1 to 4. It is not imported.',
  ]);
});
