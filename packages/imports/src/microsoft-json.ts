import type { DueInput } from '@holdfast/task-values';
import { readDate, toInstant } from './dates.ts';
import { type Draft, ImportFileError, type Reader } from './types.ts';

type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const toObjects = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isObject) : []);
const toText = (value: unknown): string => (typeof value === 'string' ? value.trim() : '');

/** The lists of a file with their tasks. A response of Microsoft Graph has tasks in `value`, and programs that export have `lists`. */
function toLists(json: unknown): { list: string | null; tasks: Json[] }[] {
  if (isObject(json) && Array.isArray(json['lists'])) return toLists(json['lists']);
  const items = toObjects(isObject(json) ? (json['value'] ?? json['tasks']) : json);
  const lists = items.filter((item) => Array.isArray(item['tasks']));
  if (lists.length === 0) return [{ list: null, tasks: items }];
  return lists.map((item) => {
    const about = isObject(item['list']) ? item['list'] : item;
    const isInbox = about['wellknownListName'] === 'defaultList';
    return { list: isInbox ? null : toText(about['displayName']) || null, tasks: toObjects(item['tasks']) };
  });
}

/** Each task of Microsoft Graph has at least one of them, and those of other apps have none. */
const ownKeys = ['createdDateTime', 'dueDateTime', 'isReminderOn'];

/** Whether the tasks are those of Microsoft Graph. */
export function isMicrosoftJson(json: unknown): boolean {
  return toLists(json).some(({ tasks }) => tasks.some((task) => 'title' in task && ownKeys.some((key) => key in task)));
}

/** Reads the JSON of Microsoft Graph (`/me/todo/lists/…/tasks`), alone or by lists, as programs export it. */
export function readMicrosoftJson({ file, present, report }: Reader, json: unknown): Draft[] {
  const lists = toLists(json);
  if (lists.every(({ tasks }) => tasks.length === 0)) {
    throw new ImportFileError(file.name, `${file.name} has no tasks. Export the tasks of a list.`);
  }
  let count = 0;
  return lists.flatMap(({ list, tasks }) =>
    tasks.map((task) => {
      const at = `task ${(count += 1)}`;
      return toDraft(task, { at, list, present, report: (text) => report(at, text) });
    }),
  );
}

interface Given extends Pick<Reader, 'present'> {
  at: string;
  list: string | null;
  report: (text: string) => void;
}

function toDraft(task: Json, { at, list, present, report }: Given): Draft {
  const facts = toFacts(task, report);
  const dueText = isObject(task['dueDateTime']) ? toText(task['dueDateTime']['dateTime']) : '';
  const due = dueText === '' ? null : toDue(task['dueDateTime'] as Json, present);
  if (due === undefined) {
    facts.push(`Due: ${dueText}`);
    report('The date is not understood. The description contains it.');
  }
  const completedAt = toTime(task['completedDateTime']);
  const completed = task['status'] === 'completed' || completedAt !== undefined;
  return {
    at,
    list,
    title: toText(task['title']),
    description: toBody(task['body'], report),
    due: due ?? null,
    priority: task['importance'] === 'high' ? 3 : task['importance'] === 'low' ? 1 : 0,
    labels: Array.isArray(task['categories']) ? task['categories'].map(toText) : [],
    completed,
    createdAt: toInstant(toText(task['createdDateTime']), 'UTC'),
    ...(completed && { completedAt }),
    facts,
    foreignId: toText(task['id']) || undefined,
  };
}

const toTime = (value: unknown): string | undefined =>
  isObject(value) ? toInstant(toText(value['dateTime']), toText(value['timeZone']) || 'UTC') : undefined;

/** Microsoft To Do has due dates without a time: midnight in a zone, which can be the evening before in UTC. */
function toDue(value: Json, present: Reader['present']): DueInput | undefined {
  const text = toText(value['dateTime']);
  const instant = /T00:00/.test(text) ? undefined : toTime(value);
  const due = readDate(instant ?? text, present);
  return due && { date: due.date };
}

function toBody(body: unknown, report: (text: string) => void): string {
  if (!isObject(body)) return '';
  const text = toText(body['content']);
  if (body['contentType'] !== 'html' || text === '') return text;
  report('The note is HTML. Only its text is imported.');
  return text
    .replaceAll(/<(?:br|\/p|\/div|\/li)\b[^>]*>/gi, '\n')
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll(/&(amp|lt|gt|quot|#39|nbsp);/g, (_, name: string) => entities[name] ?? '')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim();
}

const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", nbsp: ' ' };

function toFacts(task: Json, report: (text: string) => void): string[] {
  const facts: string[] = [];
  const steps = toObjects(task['checklistItems']);
  for (const step of steps) facts.push(`- [${step['isChecked'] === true ? 'x' : ' '}] ${toText(step['displayName'])}`);
  if (steps.length > 0) report('Steps are not supported. The description contains them.');
  if (isObject(task['recurrence'])) {
    const { pattern } = task['recurrence'];
    const { type, interval } = isObject(pattern) ? pattern : {};
    facts.push(`Repeats: ${toText(type) || 'yes'}${Number(interval) > 1 ? `, every ${Number(interval)}` : ''}`);
    report('Repeated tasks are not supported. The task has the next date.');
  }
  if (task['isReminderOn'] === true && isObject(task['reminderDateTime'])) {
    const { dateTime, timeZone } = task['reminderDateTime'];
    facts.push(`Reminder: ${toText(dateTime).slice(0, 16)} ${toText(timeZone)}`.trim());
    report('Reminders are not supported. The description contains it.');
  }
  if (isObject(task['startDateTime'])) {
    facts.push(`Start: ${toText(task['startDateTime']['dateTime']).slice(0, 10)}`);
    report('Start dates are not supported. The description contains it.');
  }
  for (const link of toObjects(task['linkedResources'])) {
    const texts = [link['displayName'], link['webUrl']].map(toText).filter((text) => text !== '');
    if (texts.length > 0) facts.push(`Link: ${texts.join(' ')}`);
  }
  if (task['hasAttachments'] === true) report('Attachments are not imported. Save them before you delete the task.');
  return facts;
}
