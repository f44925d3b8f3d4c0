import type { Due } from '@holdfast/client';
import type { Imported, Problem } from '@holdfast/imports';
import type { Output } from '../terminal/output.ts';
import { toPlain } from '../terminal/plain.ts';

/** Places of one problem that are listed. */
const placesMax = 5;

/** Writes each problem once, with the places where it is. */
export function reportProblems(output: Output, problems: readonly Problem[]): void {
  const groups = Map.groupBy(problems, ({ file, text }) => JSON.stringify([file, text]));
  for (const group of groups.values()) {
    const [{ file, text }] = group as [Problem];
    output.note(toPlain(`${file}, ${toPlaces([...new Set(group.map(({ at }) => at))])}: ${text}`));
  }
}

/** `line 3` and `line 7` are `lines 3, 7`. All places in a file have the same word. */
function toPlaces(places: readonly string[]): string {
  const [word] = places[0]!.split(' ');
  const numbers = places.slice(0, placesMax).map((place) => place.split(' ')[1]);
  const more = places.length - placesMax;
  return `${word}${places.length > 1 ? 's' : ''} ${numbers.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

const toDueText = ({ date, time, timeZone }: Due) => [date, time, timeZone].filter(Boolean).join(' ');

interface Preview extends Pick<Imported, 'formats' | 'tasks'> {
  newLists: readonly { id: string; name: string }[];
  knownLists: readonly { id: string; name: string }[];
}

/** Shows what an import would send: one line for each task with its list, due date, state and title. */
export function preview(output: Output, { formats, tasks, newLists, knownLists }: Preview): void {
  const names = new Map([...knownLists, ...newLists].map(({ id, name }) => [id, name]));
  for (const { listId, due, completed, title } of tasks) {
    const list = listId === null ? 'inbox' : names.get(listId)!;
    const fields = [list, due === null ? '' : toDueText(due as Due), completed ? 'done' : 'open', title];
    output.line(fields.map(toPlain).join('\t'));
  }
  const kinds = [...new Set(formats)].join(', ');
  const counts = `${countOf(tasks.length, 'task')} and ${countOf(newLists.length, 'new list')}`;
  output.note(`Read ${counts} (${kinds}). Nothing was sent.`);
}

const countOf = (count: number, name: string) => `${count} ${name}${count === 1 ? '' : 's'}`;
