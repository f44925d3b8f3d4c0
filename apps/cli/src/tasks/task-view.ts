import type { Task } from '@holdfast/client';
import getWidth from 'fast-string-truncated-width';
import type { Output } from '../terminal/output.ts';
import { toPlain, toPlainLines } from '../terminal/plain.ts';
import { toAge, toMoment } from './age.ts';
import { toShortIds } from './short-ids.ts';

/** Writes a table that fits the terminal. If stdout is not a terminal, writes full values with tabs between them. */
export function writeTasks(output: Output, tasks: Task[]): void {
  if (tasks.length === 0) return;
  output.line((output.isTerminal ? toTable(output, tasks) : tasks.map((task) => toRow(output, task))).join('\n'));
}

/** Writes one or more tasks after a change. */
export function writeChanged(output: Output, word: string, changed: Task | Task[]): void {
  if (output.isJson) return output.json(changed);
  const tasks = [changed].flat();
  if (!output.isTerminal) return writeTasks(output, tasks);
  const toShortId = toShortIds(tasks.map(({ id }) => id));
  for (const { id, title } of tasks)
    output.line(`${word} ${output.paint('yellow', toPlain(toShortId(id)))}  ${toPlain(title)}`);
}

function toRow({ paint }: Output, { id, completed, createdAt, title }: Task): string {
  return [
    paint('yellow', toPlain(id)),
    completed ? paint('green', 'done') : 'open',
    toPlain(createdAt),
    toPlain(title),
  ].join('\t');
}

function toTable({ columns, paint }: Output, tasks: Task[]): string[] {
  const toShortId = toShortIds(tasks.map(({ id }) => id));
  const now = new Date();
  const rows = tasks.map(({ id, createdAt, completed, title }) => ({
    id: toPlain(toShortId(id)),
    age: toAge(new Date(createdAt), now),
    completed,
    title: toPlain(title),
  }));
  const idWidth = Math.max(...rows.map(({ id }) => id.length));
  const ageWidth = Math.max(...rows.map(({ age }) => age.length));
  const titleWidth = Math.max(10, columns - idWidth - ageWidth - 6);
  return rows.map(({ id, age, completed, title }) => {
    const shown = truncate(title, titleWidth);
    const mark = completed ? paint('green', '✓') : '○';
    return [
      paint('yellow', id.padEnd(idWidth)),
      paint('dim', age.padStart(ageWidth)),
      `${mark} ${completed ? paint('dim', shown) : shown}`,
    ].join('  ');
  });
}

/** Truncates a text to a number of columns. Some characters take two columns or zero. */
function truncate(text: string, width: number): string {
  const { index, ellipsed } = getWidth(text, { limit: width, ellipsis: '…', ellipsisWidth: 1 });
  return ellipsed ? `${text.slice(0, index)}…` : text;
}

/** All fields of a task, one per line, with the description below. */
export function toLines(task: Task, isTerminal: boolean): string[] {
  const time = (text: string) => (isTerminal ? toMoment(new Date(text), new Date()) : text);
  const fields = [
    `id       ${task.id}`,
    `title    ${task.title}`,
    `state    ${task.completedAt === null ? 'open' : `done ${time(task.completedAt)}`}`,
    `created  ${time(task.createdAt)}`,
    `changed  ${time(task.updatedAt)}`,
    `version  ${task.version}`,
  ];
  const description = task.description === null ? [] : ['', toPlainLines(task.description)];
  return [...fields.map((field) => toPlain(field)), ...description];
}
