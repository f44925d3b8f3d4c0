import type { List } from '@holdfast/client';
import type { Range } from '@holdfast/quick-add';
import { fold, toLabelKey } from '@holdfast/task-values';
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
  /** True for a name that Enter takes if the user chooses no other. */
  isLikely: boolean;
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

/** How well a name matches: 0 if it begins with the query, 1 if another word of it does, 2 if it contains it, else 3. */
function rank(name: string, wanted: string): number {
  const folded = fold(name);
  if (folded.startsWith(wanted)) return 0;
  return folded.split(/[^\p{L}\p{N}]+/u).some((word) => word.startsWith(wanted)) ? 1 : folded.includes(wanted) ? 2 : 3;
}

/** Returns labels or lists that contain the query, those that begin with it first, and last the offer of a new one. */
export function suggest({ kind, query }: Token, { labels, lists, inbox }: Known): Suggestion[] {
  const isWritable = kind === 'label' ? isLabel : isList;
  const choices: Pick<Suggestion, 'id' | 'kind' | 'name' | 'color'>[] =
    kind === 'label'
      ? labels.map((name) => ({ id: `label-${name}`, kind, name, color: null }))
      : [
          { id: 'list-inbox', kind, name: inbox, color: null },
          ...lists.map(({ id, name, color }) => ({ id: `list-${id}`, kind, name, color })),
        ];
  const wanted = fold(query);
  const found = choices
    .filter(({ name }) => isWritable(name))
    .map((choice) => ({ choice, at: rank(choice.name, wanted) }))
    .filter(({ at }) => at < 3)
    .toSorted((one, other) => one.at - other.at)
    .slice(0, shownMax)
    .map(({ choice, at }) => Object.assign(choice, { text: choice.name, isNew: false, isLikely: at < 2 }));
  if (choices.some((choice) => isWritten(choice, query)) || !isWritable(query)) return found;
  const name = query.trim();
  const text = kind === 'label' ? common.newLabel(name) : common.newList(name);
  return [...found, { id: 'new', kind, name, text, isNew: true, isLikely: true, color: null }];
}

/** True if the query is the whole name. */
export const isWritten = ({ name }: Pick<Suggestion, 'name'>, query: string): boolean =>
  toLabelKey(name) === toLabelKey(query.trim());
