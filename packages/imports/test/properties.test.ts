import { findDueProblem } from '@holdfast/task-values';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ImportFileError, type ImportFile, type Imported } from '../src/index.ts';
import { present, read, readTasks, task } from './fixture.ts';

const instant = /^(?!0000)\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** Undefined if the file is refused with a sentence. */
function readAny(files: ImportFile[]): Imported | undefined {
  try {
    return read(files, { present });
  } catch (error) {
    if (error instanceof ImportFileError) return undefined;
    throw error;
  }
}

function expectValid(imported: Imported | undefined): void {
  for (const { title, due, priority, createdAt, completedAt } of imported?.tasks ?? []) {
    expect(title).not.toBe('');
    expect(due && findDueProblem(due)).toBeNull();
    expect([0, 1, 2, 3]).toContain(priority);
    for (const time of [createdAt, completedAt]) if (time !== undefined) expect(time).toMatch(instant);
  }
}

const digits = (max: number) => fc.integer({ min: 0, max }).map((value) => String(value).padStart(2, '0'));
const offset = fc.constantFrom('', 'Z', 'z', '+23:59', '-2359', '+99:99', ' ');
/** Texts that look like dates and times. Many of them do not exist. */
const dateLike = fc
  .tuple(fc.constantFrom('0000', '0001', '2027', '9999'), digits(13), digits(32), digits(99), digits(99), offset)
  .chain(([year, month, day, hour, minute, zone]) =>
    fc.constantFrom(
      `${year}-${month}-${day}`,
      `${year}-${month}-${day}T${hour}:${minute}${zone}`,
      `${year}-${month}-${day} ${hour}:${minute}:${minute},${minute}${zone}`,
      `${day}.${month}.${year} ${hour}:${minute} PM`,
      `in ${year}${year}${year} weeks`,
      `every ${day}`,
    ),
  );
const word = fc.oneof(
  dateLike,
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom('', 'task', 'section', 'note', 'constructor', '__proto__', 'Europe/Berlin', '[[file {"a":1}]]', '1'),
);

test('no text makes an import throw anything but a sentence for people', () => {
  const start = fc.constantFrom('', '\uFEFF', '[', '{', 'title\n', 'TYPE,CONTENT\n', 'Subject,% Complete\n', 'sep="\n');
  fc.assert(
    fc.property(start, fc.string({ unit: 'binary' }), (first, rest) => {
      expectValid(readAny([{ name: 'x', text: first + rest }]));
    }),
    { numRuns: 500 },
  );
});

const headers = [
  ['type', 'content', 'description', 'priority', 'indent', 'date', 'deadline', 'timezone', 'duration'],
  ['subject', '% complete', 'due date', 'start date', 'date completed', 'reminder on/off', 'priority', 'status'],
  ['title', 'notes', 'list', 'due', 'priority', 'labels', 'done'],
];

test('no value of a CSV file makes an import throw', () => {
  const rows = fc.array(fc.array(word, { minLength: 1, maxLength: 9 }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(fc.constantFrom(...headers), rows, (header, all) => {
      const lines = [header, ...all].map((cells) => cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(','));
      expectValid(readAny([{ name: 'x.csv', text: lines.join('\n') }]));
    }),
    { numRuns: 500 },
  );
});

test('no value of a JSON file makes an import throw', () => {
  const value = fc.oneof(word, fc.jsonValue());
  const time = fc.oneof(word, fc.record({ dateTime: value, timeZone: value }));
  const keys = {
    title: fc.constant('x'),
    due: value,
    labels: value,
    body: value,
    categories: value,
    recurrence: value,
  };
  const times = { createdDateTime: time, dueDateTime: time, completedDateTime: time, reminderDateTime: time };
  const item = fc.oneof(fc.record({ ...keys, ...times }, { requiredKeys: ['title'] }), fc.jsonValue());
  fc.assert(
    fc.property(fc.array(item), fc.constantFrom('value', 'tasks', 'lists', null), (items, key) => {
      const text = JSON.stringify(key === null ? items : { [key]: items });
      expectValid(readAny([{ name: 'x.json', text }]));
    }),
    { numRuns: 500 },
  );
});

test.each(['2027-01-01T99:00:00Z', '2027-02-30T10:00:00Z', '2027-01-01T10:00:99+01:00', '9999-12-31T23:59:00-12:00'])(
  'a task of Microsoft that was created at %s is imported without this time',
  (createdDateTime) => {
    const { tasks } = readTasks(JSON.stringify([{ title: 'x', createdDateTime }]), 'todo.json');
    expect(tasks).toEqual([task({ title: 'x' })]);
  },
);

test.each([
  ['todoist', 'TYPE,CONTENT,PRIORITY\ntask,x,constructor'],
  ['microsoft-to-do', '% Complete,Subject,Priority\n0,x,constructor'],
] as const)('a priority of %s with the name of a property of objects is not imported', (format, text) => {
  const { tasks, problems } = readTasks(text, 'Inbox.csv', { format });
  expect(tasks).toEqual([task({ title: 'x' })]);
  expect(problems).toHaveLength(1);
});
