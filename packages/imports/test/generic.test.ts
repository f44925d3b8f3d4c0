import { expect, test } from 'vitest';
import { read, readTasks, task, userId } from './fixture.ts';

test('the header of a CSV file decides about its columns, in any order and with any usual delimiter', () => {
  const tables = ['Due,Title,Extra,Tags,List,Priority,Done', '2026-12-05,Water,x,"a, b",Home,high,yes'];
  for (const delimiter of [',', ';', '\t']) {
    const quoted = tables.map((row) => (row.match(/"[^"]*"|[^,]+/g) ?? []).join(delimiter));
    for (const text of [quoted.join('\n'), `sep=${delimiter}\r\n${quoted.join('\r\n')}`]) {
      const { formats, lists, tasks, problems } = readTasks(text);
      expect(formats).toEqual(['csv']);
      expect(tasks).toEqual([
        task({
          title: 'Water',
          listId: lists[0]!.id,
          due: { date: '2026-12-05' },
          priority: 3,
          labels: ['a', 'b'],
          completed: true,
        }),
      ]);
      expect(problems.map(({ text }) => text)).toEqual([
        "The column 'extra' is not used. Its values are not imported.",
      ]);
    }
  }
});

test.each([
  ['13/1/2027', '1/2/2027', '2027-02-01', 0],
  ['1/13/2027', '1/2/2027', '2027-01-02', 0],
  ['1.2.2027', '1.2.27', '2027-02-01', 0],
  ['3/3/2027', '1/2/2027', '2027-01-02', 1],
])('with the dates %s and %s in a file, the second one is %s', (first, second, date, count) => {
  const { tasks, problems } = readTasks(`title,due\nx,${first}\ny,${second}`);
  expect(tasks[1]!.due).toEqual({ date });
  const text = 'Dates such as 1/2/2027 have two meanings. The month is read first.';
  expect(problems.filter((problem) => problem.text === text)).toHaveLength(count);
});

test.each([
  ['2026-12-05T09:30:00Z', { date: '2026-12-05', time: '10:30' }],
  ['2026-12-05 09:30', { date: '2026-12-05', time: '09:30' }],
  ['12/31/2026 11:05 PM', { date: '2026-12-31', time: '23:05' }],
  ['next monday', { date: '2026-12-07' }],
])('the date %s is understood', (text, due) => {
  expect(readTasks(`title,due\nx,${text}`).tasks[0]!.due).toEqual(due);
});

test.each(['2026-02-30', '31.2.2026', 'soon', '99/99/2026', '2026-12-05T25:00'])(
  'the date %s is reported with its line and remains in the description',
  (text) => {
    const { tasks, problems } = readTasks(`title,due\nfine,\nx,${text}`);
    expect(tasks[1]).toEqual(task({ title: 'x', description: `Due: ${text}` }));
    const problem = 'The date is not understood. The description contains it.';
    expect(problems).toEqual([{ file: 'tasks.csv', at: 'line 3', text: problem }]);
  },
);

test('JSON with the same names gives the same tasks, also with arrays and due dates as objects', () => {
  const items = [
    { title: 'Water', labels: ['a'], list: 'Home', due: { date: '2026-12-05', time: '09:00', timeZone: 'Asia/Tokyo' } },
    { Task: 'Other', done: true, due: 'tomorrow', importance: 'High', colour: 'red' },
    'text',
  ];
  for (const json of [items, { tasks: items }]) {
    const { formats, lists, tasks, problems } = readTasks(JSON.stringify(json), 'tasks.json');
    expect(formats).toEqual(['json']);
    expect(tasks).toEqual([
      task({
        title: 'Water',
        listId: lists[0]!.id,
        labels: ['a'],
        due: { date: '2026-12-05', time: '09:00', timeZone: 'Asia/Tokyo' },
      }),
      task({ title: 'Other', completed: true, due: { date: '2026-12-01' }, priority: 3 }),
    ]);
    expect(problems.map(({ at, text }) => `${at}: ${text}`)).toEqual([
      'task 3: It is no object. It is not imported.',
      "task 1: The key 'colour' is not used. Its values are not imported.",
    ]);
  }
});

test('values beyond the limits of the server are made to fit, and each one is reported', () => {
  const long = 'y'.repeat(10_001);
  const items = [
    { title: '🌱'.repeat(501), description: 'd' },
    {
      title: 'x',
      description: long,
      labels: [...Array.from({ length: 21 }, (_, at) => `l${at}`), 'L0', 'z'.repeat(51)],
    },
    { title: ' \n ', description: 'lost' },
    { title: 'a\0b\uD800', list: 'n'.repeat(201), priority: 'huge', completed: 'maybe' },
  ];
  const { lists, tasks, problems } = readTasks(JSON.stringify(items), 'tasks.json');
  expect(tasks.map(({ title }) => title)).toEqual([`${'🌱'.repeat(499)}…`, 'x', 'ab\uFFFD']);
  expect(tasks[0]!.description).toBe(`${'🌱'.repeat(501)}\n\nd`);
  expect(Array.from(tasks[1]!.description!)).toHaveLength(10_000);
  expect(tasks[1]!.labels).toHaveLength(20);
  expect(lists[0]!.name).toBe(`${'n'.repeat(199)}…`);
  expect(problems.map(({ at, text }) => `${at}: ${text}`)).toEqual([
    'task 4: The priority is unknown. Use 0 to 3, or none, low, medium or high.',
    'task 4: The state is unknown. Use true or false. The task is open.',
    'task 1: The title is too long. The description contains all of it.',
    'task 2: The description is too long. Its end is not imported.',
    'task 2: The task has more than 20 labels. The others are not imported.',
    'task 2: A label has more than 50 characters. It is not imported.',
    'task 3: The title is empty. The task is not imported.',
    'task 4: The name of the list is too long. It is shortened.',
  ]);
});

test('the same file gives the same IDs, and a later export with more and changed tasks gives those of its earlier tasks', () => {
  const early = 'title,list,due\nSame,Home,\nSame,Home,\nOther,home,';
  const late = 'title,list,due\nNew,Home,\nSame,Home,2026-12-05\nOther,HOME,\nSame,Home,';
  const [one, again, later] = [early, early, late].map((text) => read({ name: 'a.csv', text }));
  expect(again).toEqual(one);
  const ids = one!.tasks.map(({ id }) => id);
  expect(new Set(ids).size).toBe(3);
  expect(later!.tasks.map(({ id }) => id).slice(1)).toEqual([ids[0], ids[2], ids[1]]);
  expect(later!.lists).toEqual(one!.lists);
  const others = read({ name: 'a.csv', text: early }, { userId: userId.replace(/a$/, 'b') });
  expect(others.tasks.some(({ id }) => ids.includes(id))).toBe(false);
});

test('a list that the user has is used again, and the tasks have the same IDs as in a new list', () => {
  const text = 'title,list\nx,Home\ny,Work';
  const lists = [{ id: '0190a000-0000-7000-8000-0000000000ff', name: 'HOME' }];
  const [without, having] = [read({ name: 'a.csv', text }), read({ name: 'a.csv', text }, { lists })];
  expect(having.lists.map(({ name }) => name)).toEqual(['Work']);
  expect(having.tasks.map(({ listId }) => listId)).toEqual([lists[0]!.id, having.lists[0]!.id]);
  expect(having.tasks.map(({ id }) => id)).toEqual(without.tasks.map(({ id }) => id));
});

test.each([
  ['a ZIP file', 'PK\u0003\u0004…', 'a.csv is a ZIP file. Unpack it, and import the files in it.'],
  ['an empty file', '', 'a.csv is empty. Choose another file.'],
  ['malformed CSV', 'title\n"x" y\n', 'a.csv is malformed at line 2. Correct the quotes there.'],
  ['malformed JSON', '[{"title":', 'a.csv is not valid JSON. Export it again.'],
  ['JSON without tasks', '{"x":1}', 'a.csv has no tasks. Use an array of objects with a title.'],
  ['a text', 'Dear Ada,\nhello', "The format of a.csv is unknown. Name the column of titles 'title'."],
])('%s is refused with a sentence', (_, text, message) => {
  expect(() => read({ name: 'a.csv', text })).toThrow(message);
});

test('a given format is used, whatever the file looks like', () => {
  const text = 'type,content,title\ntask,a,b';
  expect(readTasks(text).tasks[0]!.title).toBe('a');
  expect(readTasks(text, 'a.csv', { format: 'csv' }).tasks[0]!.title).toBe('b');
  expect(() => read({ name: 'a.csv', text }, { format: 'json' })).toThrow('is not valid JSON');
  expect(() => read({ name: 'a.csv', text: 'x\n1' }, { format: 'csv' })).toThrow(
    "has no column for the title. Name it 'title'.",
  );
});
