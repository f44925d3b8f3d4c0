import type { DueInput } from '@holdfast/task-values';
import type { Row, Table } from './csv.ts';
import { readDate, readNextDate, repeats, withTimeZone } from './dates.ts';
import type { Draft, Reader } from './types.ts';

/** Todoist's own numbers: 1 is the highest. */
const priorities = new Map<string, 0 | 1 | 2 | 3>([
  ['', 0],
  ['1', 3],
  ['2', 2],
  ['3', 1],
  ['4', 0],
]);

/** Reads the CSV file of a project, from "Export as a template" or from a backup. The name of the file is that of the project. */
export function readTodoist({ file, present, report }: Reader, { rows }: Table): Draft[] {
  const list = toListName(file.name);
  const drafts: (Draft & { facts: string[] })[] = [];
  /** The titles above the current row, by their indent. */
  const parents: string[] = [];
  let section = '';
  for (const row of rows) {
    const type = row.get('type').toLowerCase();
    const content = row.get('content');
    if (type === 'task') {
      const indent = Math.max(1, Number.parseInt(row.get('indent') || '1', 10) || 1);
      parents.length = Math.min(parents.length, indent - 1);
      const draft = toDraft(row, { list, present, report });
      const parent = parents.at(-1);
      if (section !== '') draft.facts.push(`Section: ${section}`);
      if (parent !== undefined) {
        draft.facts.push(`Subtask of: ${parent}`);
        report(row.at, 'Subtasks are not supported. The description names the parent task.');
      }
      draft.parents = [...parents];
      parents.push(draft.title);
      drafts.push(draft);
    } else if (type === 'section') {
      section = content;
      parents.length = 0;
      report(row.at, 'Sections are not supported. The descriptions of its tasks name it.');
    } else if (type === 'note') {
      const task = drafts.at(-1);
      if (task === undefined) report(row.at, 'The comment belongs to no task. It is not imported.');
      else task.facts.push(`Comment: ${toComment(content, row, report)}`);
    } else if (type !== 'meta') {
      report(row.at, `The type '${type.slice(0, 50)}' is unknown. The row is not imported.`);
    }
  }
  return drafts;
}

/** `Work [2203306141].csv` of a backup is the project `Work`. Tasks without a project are in the inbox of Todoist too. */
function toListName(file: string): string | null {
  const name = file
    .replace(/\.\w+$/, '')
    .replace(/\s*\[\w+\]$/, '')
    .trim();
  return /^(?:inbox|-)?$/i.test(name) ? null : name;
}

interface Given extends Pick<Reader, 'present' | 'report'> {
  list: string | null;
}

function toDraft(row: Row, { list, present, report }: Given): Draft & { facts: string[] } {
  const facts: string[] = [];
  const { title, labels } = splitLabels(row.get('content'));
  const more = row
    .get('labels')
    .split(/[,;]/)
    .map((label) => label.trim().replace(/^@/, ''));
  const priority = priorities.get(row.get('priority'));
  if (priority === undefined) report(row.at, 'The priority is not 1 to 4. It is not imported.');
  const responsible = row.get('responsible').replace(/\s*\(\d+\)$/, '');
  if (responsible !== '') {
    facts.push(`Assigned to: ${responsible}`);
    report(row.at, 'Tasks cannot be assigned. The description contains the name.');
  }
  const duration = Number(row.get('duration'));
  if (duration > 0) {
    facts.push(`Duration: ${duration} ${row.get('duration_unit') || 'minute'}${duration === 1 ? '' : 's'}`);
    report(row.at, 'Durations are not supported. The description contains it.');
  }
  return {
    at: row.at,
    list,
    title,
    description: row.get('description'),
    due: toDue(row, facts, { present, report }),
    priority,
    labels: [...labels, ...more],
    facts,
  };
}

/** Labels are words such as `@home` in the content. */
function splitLabels(content: string): { title: string; labels: string[] } {
  const labels: string[] = [];
  const title = content
    .replaceAll(/(?<=^|\s)@([^\s@]+)(?=\s|$)/g, (_, label: string) => {
      labels.push(label);
      return '';
    })
    .replaceAll(/\s+/g, ' ')
    .trim();
  return { title: title === '' ? content : title, labels };
}

function toDue(row: Row, facts: string[], { present, report }: Pick<Reader, 'present' | 'report'>): DueInput | null {
  const text = row.get('date');
  const deadline = row.get('deadline');
  if (text === '') {
    const due = deadline === '' ? undefined : readDate(deadline, present);
    if (due !== undefined) report(row.at, 'Deadlines are not supported. It is the due date.');
    else if (deadline !== '') keepDate(`Deadline: ${deadline}`);
    return due ?? null;
  }
  if (deadline !== '') {
    facts.push(`Deadline: ${deadline}`);
    report(row.at, 'Deadlines are not supported. The description contains it.');
  }
  const doesRepeat = repeats(text);
  const due = doesRepeat ? readNextDate(text, present) : readDate(text, present);
  if (doesRepeat) {
    facts.push(`Repeats: ${text}`);
    const rest = due === undefined ? 'The task has no due date.' : 'The task has the next date.';
    report(row.at, `Repeated tasks are not supported. ${rest}`);
  }
  if (due === undefined) {
    if (!doesRepeat) keepDate(`Due: ${text}`);
    return null;
  }
  const zoned = withTimeZone(due, row.get('timezone'), present);
  if (zoned === undefined) report(row.at, 'The time zone does not fit. The time has no zone.');
  return zoned ?? due;

  function keepDate(fact: string): void {
    facts.push(fact);
    report(row.at, 'The date is not understood. The description contains it.');
  }
}

/** An attachment is a JSON object in the comment. Only its link is imported. */
function toComment(content: string, row: Row, report: Reader['report']): string {
  return content.replaceAll(/\[\[file (\{.*?\})\]\]/gs, (whole, json: string) => {
    report(row.at, 'Attachments are not imported. The description contains the link.');
    try {
      const { file_name: name, file_url: url } = JSON.parse(json) as Record<string, unknown>;
      return [name, url].filter((part) => typeof part === 'string').join(' ');
    } catch {
      return whole;
    }
  });
}
