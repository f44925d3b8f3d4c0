import type { List } from '@holdfast/client';
import type { Range } from '@holdfast/quick-add';
import { fold } from '@holdfast/task-values';
import { common } from '../texts/common.ts';

/** The marker that the user writes. */
export interface Token extends Range {
  kind: 'label' | 'list';
  /** Its text up to the caret, without `#`, `@` and quotes. */
  query: string;
}

export interface Suggestion {
  id: string;
  kind: 'label' | 'list';
  /** The label, or the name of the list. */
  name: string;
  text: string;
  isNew: boolean;
  color: string | null;
}

const shownMax = 50;

/** Finds the label or list in which the caret is. */
export function findToken(text: string, caret: number): Token | undefined {
  const found = /(?:^|\s)(?:(?<hash>#)(?<label>[^\s#@"]*)|@(?:"(?<long>[^"]*)|(?<list>[^\s#@"]*)))$/u.exec(
    text.slice(0, caret),
  );
  if (!found) return undefined;
  const { hash, label, long, list } = found.groups!;
  const start = found.index + found[0].search(/[#@]/);
  const rest = (long === undefined ? /^[^\s,;"]*/ : /^[^"]*"?/).exec(text.slice(caret))![0];
  return { kind: hash ? 'label' : 'list', query: label ?? long ?? list ?? '', start, end: caret + rest.length };
}

const isLabel = (name: string) => /^(?=.*\p{L})[\p{L}\p{M}\p{N}\p{Join_Control}_-]+$/u.test(name);
const isList = (name: string) => name.trim() !== '' && !name.includes('"');

/** How a label or list is written in the field. */
export const toMarker = ({ kind, name }: Pick<Suggestion, 'kind' | 'name'>) =>
  kind === 'label' ? `#${name}` : isLabel(name) && /^\p{L}/u.test(name) ? `@${name}` : `@"${name}"`;

interface Known {
  labels: readonly string[];
  lists: readonly List[];
  /** Name of the list of tasks without a list. */
  inbox: string;
}

/** Returns labels or lists that contain the query, those that begin with it first, and last the offer of a new one. */
export function suggest({ kind, query }: Token, { labels, lists, inbox }: Known): Suggestion[] {
  const isWritable = kind === 'label' ? isLabel : isList;
  const choices: Omit<Suggestion, 'text' | 'isNew'>[] =
    kind === 'label'
      ? labels.map((name) => ({ id: `label-${name}`, kind, name, color: null }))
      : [
          { id: 'list-inbox', kind, name: inbox, color: null },
          ...lists.map(({ id, name, color }) => ({ id: `list-${id}`, kind, name, color })),
        ];
  const wanted = fold(query);
  const found = choices
    .filter(({ name }) => isWritable(name) && fold(name).includes(wanted))
    .map((choice) => Object.assign(choice, { text: choice.name, isNew: false }))
    .toSorted((one, other) => Number(fold(other.name).startsWith(wanted)) - Number(fold(one.name).startsWith(wanted)))
    .slice(0, shownMax);
  const isKnown = choices.some(({ name }) => name.toLowerCase() === query.trim().toLowerCase());
  if (isKnown || !isWritable(query)) return found;
  const name = query.trim();
  const text = kind === 'label' ? common.newLabel(name) : common.newList(name);
  return [...found, { id: 'new', kind, name, text, isNew: true, color: null }];
}
