import type { Task } from '@holdfast/client';
import type { Present } from '@holdfast/quick-add';
import { todayIn } from '@holdfast/task-values';
import getWidth from 'fast-string-truncated-width';
import { priorityNames } from '../planning/describe.ts';
import { describeDue, toDueText } from '../planning/due-text.ts';
import type { Profile } from '../planning/profile.ts';
import type { Output } from '../terminal/output.ts';
import { toPlain, toPlainLines } from '../terminal/plain.ts';
import { toAge, toMoment } from './age.ts';
import { toShortIds } from './short-ids.ts';

/** Data of the user that a table shows with the tasks. */
export interface View {
  /** Names of lists by ID. */
  lists: Map<string, string>;
  /** Undefined if no task is due. */
  present: Present | undefined;
}

const noView: View = { lists: new Map(), present: undefined };

/** Loads the data that these tasks need. Only a terminal shows it. */
export async function loadView(output: Output, tasks: Task[], profile: Profile): Promise<View> {
  if (!output.isTerminal || output.isJson) return noView;
  const [lists, present] = await Promise.all([
    tasks.some(({ listId }) => listId !== null) ? profile.lists() : [],
    tasks.some(({ due }) => due !== null) ? profile.present() : undefined,
  ]);
  return { lists: new Map(lists.map(({ id, name }) => [id, name])), present };
}

/** Writes a table that fits the terminal. If stdout is not a terminal, writes full values with tabs between them. */
export function writeTasks(output: Output, tasks: Task[], view: View = noView): void {
  if (tasks.length === 0) return;
  output.line((output.isTerminal ? toTable(output, tasks, view) : tasks.map((task) => toRow(output, task))).join('\n'));
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

function toTable({ columns, paint }: Output, tasks: Task[], view: View): string[] {
  const toShortId = toShortIds(tasks.map(({ id }) => id));
  const now = new Date();
  const rows = tasks.map((task) => ({
    id: toPlain(toShortId(task.id)),
    age: toAge(new Date(task.createdAt), now),
    completed: task.completed,
    isOverdue: isOverdue(task, view),
    title: toPlain(task.title),
    details: toDetails(task, view),
  }));
  const idWidth = Math.max(...rows.map(({ id }) => id.length));
  const ageWidth = Math.max(...rows.map(({ age }) => age.length));
  const width = Math.max(10, columns - idWidth - ageWidth - 6);
  return rows.map(({ id, age, completed, isOverdue, title, details }) => {
    const shownDetails = details && `  ${truncate(details, Math.floor(width / 2))}`;
    const shown = truncate(title, width - getWidth(shownDetails).width);
    const mark = completed ? paint('green', '✓') : '○';
    return [
      paint('yellow', id.padEnd(idWidth)),
      paint('dim', age.padStart(ageWidth)),
      `${mark} ${completed ? paint('dim', shown) : shown}${shownDetails && paint(isOverdue ? 'red' : 'dim', shownDetails)}`,
    ].join('  ');
  });
}

/** Truncates a text to a number of columns. Some characters take two columns or zero. */
function truncate(text: string, width: number): string {
  const { index, ellipsed } = getWidth(text, { limit: width, ellipsis: '…', ellipsisWidth: 1 });
  return ellipsed ? `${text.slice(0, index)}…` : text;
}

function isOverdue({ completed, due }: Task, { present }: View): boolean {
  return !completed && due !== null && present !== undefined && due.date < todayIn(present.timeZone, present.now);
}

/** Due date, priority, labels and list, such as `tomorrow 09:00 !! #home @money`. */
function toDetails(task: Task, view: View): string {
  const { due, priority, labels, listId } = task;
  const dueText = due && (view.present ? toDueText(due, view.present) : describeDue(due));
  return [
    dueText && (isOverdue(task, view) ? `overdue ${dueText}` : dueText),
    '!'.repeat(priority),
    ...labels.map((label) => `#${label}`),
    listId !== null && `@${view.lists.get(listId) ?? listId}`,
  ]
    .filter(Boolean)
    .map((text) => toPlain(String(text)))
    .join(' ');
}

/** All fields of a task, one per line, with the description below. */
export function toLines(task: Task, isTerminal: boolean, { lists }: View = noView): string[] {
  const time = (text: string) => (isTerminal ? toMoment(new Date(text), new Date()) : text);
  const { due, listId } = task;
  const fields = [
    `id       ${task.id}`,
    `title    ${task.title}`,
    `state    ${task.completedAt === null ? 'open' : `done ${time(task.completedAt)}`}`,
    due && `due      ${describeDue(due)}`,
    task.priority > 0 && `priority ${priorityNames[task.priority]}`,
    task.labels.length > 0 && `labels   ${task.labels.map((label) => `#${label}`).join(' ')}`,
    listId !== null && `list     ${lists.get(listId) ?? listId}`,
    `created  ${time(task.createdAt)}`,
    `changed  ${time(task.updatedAt)}`,
    `version  ${task.version}`,
  ];
  const description = task.description === null ? [] : ['', toPlainLines(task.description)];
  return [...fields.flatMap((field) => (field ? [toPlain(field)] : [])), ...description];
}
