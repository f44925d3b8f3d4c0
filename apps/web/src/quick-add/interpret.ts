import type { CreateTaskInput, List } from '@holdfast/client';
import { type FindDates, parseQuickAdd, type Present, type QuickAdd, type Range } from '@holdfast/quick-add';
import { countCharacters, titleMax } from '../data/characters.ts';
import { hasLabel, isLongLabel, labelsMax } from '../data/labels.ts';
import { quickAddTexts } from '../texts/quick-add.ts';

/** Values of a new task that its text does not name. */
export interface Defaults {
  /** Null is the inbox. */
  listId: string | null;
  date?: string | undefined;
  label?: string | undefined;
}

export interface Interpretation extends QuickAdd {
  /** The list of the task. Undefined if the text names a list that does not exist. */
  listId: string | null | undefined;
}

export interface InterpretOptions {
  present: Present;
  findDates: FindDates | undefined;
  literal?: readonly Range[];
  lists: readonly List[];
  /** Name of the list of tasks without a list. */
  inbox: string;
  defaults: Defaults;
}

export function interpret(text: string, options: InterpretOptions): Interpretation {
  const { present, findDates, literal = [], lists, inbox, defaults } = options;
  const found = parseQuickAdd(text, present, { literal, ...(findDates && { findDates }) });
  return { ...found, listId: found.list === null ? defaults.listId : findListId(lists, inbox, found.list) };
}

/** Case is ignored unless names differ only in case. */
function findListId(lists: readonly List[], inbox: string, name: string): string | null | undefined {
  const key = name.toLowerCase();
  const list = lists.find((one) => one.name === name) ?? lists.find((one) => one.name.toLowerCase() === key);
  return list ? list.id : key === inbox.toLowerCase() ? null : undefined;
}

/** As `interpret`, but a list that does not exist remains in the title. */
export function interpretWithKnownLists(text: string, options: InterpretOptions): Interpretation {
  const literal: Range[] = [];
  for (;;) {
    const found = interpret(text, { ...options, literal });
    const unknown = found.listId === undefined && found.parts.find(({ kind }) => kind === 'list');
    if (!unknown) return found;
    literal.push(unknown);
  }
}

export function toTask({ title, due, labels, priority, listId }: Interpretation, defaults: Defaults): CreateTaskInput {
  const { date, label } = defaults;
  const isLabeled = label === undefined || hasLabel(labels, label);
  const dueOrDefault = due ?? (date === undefined ? null : { date });
  return {
    title,
    listId: listId ?? null,
    labels: isLabeled ? labels : [label, ...labels],
    ...(dueOrDefault && { due: dueOrDefault }),
    ...(priority > 0 && { priority }),
  };
}

/** A sentence about the first value that the server would refuse. Null if it would accept the task. */
export function findProblem({ title, labels = [] }: Pick<CreateTaskInput, 'title' | 'labels'>): string | null {
  if (countCharacters(title) > titleMax) return quickAddTexts.titleLong(countCharacters(title));
  if (labels.length > labelsMax) return quickAddTexts.labelsMany(labels.length);
  const long = labels.find(isLongLabel);
  return long === undefined ? null : quickAddTexts.labelLong(long);
}
