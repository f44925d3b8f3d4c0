import type { CreateTaskInput, List } from '@holdfast/client';
import type { FindDates, Range } from '@holdfast/quick-add';
import { useState } from 'react';
import { countCharacters } from '../data/characters.ts';
import { common } from '../texts/common.ts';
import { quickAddTexts } from '../texts/quick-add.ts';
import { loadDates, useFindDates } from './dates.ts';
import {
  type Defaults,
  findProblem,
  interpret,
  interpretWithKnownLists,
  type Interpretation,
  type InterpretOptions,
  toTask,
} from './interpret.ts';
import { moveRanges } from './literals.ts';

export interface QuickAddProps {
  defaults: Defaults;
  /** Lists in use, in their order. */
  lists: readonly List[];
  labels: readonly string[];
  /** IANA name of the user's zone. */
  timeZone: string;
  /** At most 500 tasks. */
  onAdd(tasks: CreateTaskInput[]): void;
  /** Returns the ID of the new list. */
  onAddList(name: string): string;
}

interface Line {
  text: string;
  /** Ranges that the user set back to text. */
  literal: readonly Range[];
  /** False after the user removed the date of the screen. */
  hasDate: boolean;
}

const emptyLine: Line = { text: '', literal: [], hasDate: true };

const isListLong = (name: string) => countCharacters(name) > 200;

export type QuickAddState = ReturnType<typeof useQuickAdd>;

/** The line that the user writes, and its meaning. */
export function useQuickAdd({ defaults: given, lists, timeZone, onAdd, onAddList }: QuickAddProps, first: string) {
  const findDates = useFindDates();
  const [line, setLine] = useState({ ...emptyLine, text: first });
  /** List of the last task, if its text named it. */
  const [keptList, setKeptList] = useState<{ id: string | null } | null>(null);
  /** Names of lists that the user wants to create. */
  const [newLists, setNewLists] = useState<readonly string[]>([]);
  const [isUnknownTold, setUnknownTold] = useState(false);

  const kept = keptList && (keptList.id === null || lists.some(({ id }) => id === keptList.id)) ? keptList : null;
  const defaults: Defaults = {
    ...given,
    ...(kept && { listId: kept.id }),
    ...(!line.hasDate && { date: undefined }),
  };
  const toOptions = (find: FindDates | undefined): InterpretOptions => ({
    present: { now: new Date(), timeZone },
    findDates: find,
    literal: line.literal,
    lists,
    inbox: common.inbox,
    defaults,
  });
  const found = interpret(line.text, toOptions(findDates));
  const isNewList = (name: string) => newLists.some((one) => one.toLowerCase() === name.toLowerCase());
  const isUnknown = found.list !== null && found.listId === undefined && !isNewList(found.list);
  const problem =
    findProblem(toTask(found, defaults)) ??
    (found.list !== null && isListLong(found.list) ? quickAddTexts.listLong(found.list) : null) ??
    (isUnknown && isUnknownTold ? quickAddTexts.unknownList(found.list!) : null);

  function write(text: string): void {
    setLine((line) => ({
      text,
      literal: moveRanges(line.literal, line.text, text),
      hasDate: text === '' || line.hasDate,
    }));
    setUnknownTold(false);
  }

  /** @param created The list that the user creates with the task. */
  function isRefused(interpretation: Interpretation, created: string | null): boolean {
    const { title, list, listId } = interpretation;
    if (title === '' || findProblem(toTask(interpretation, defaults))) return true;
    if (listId !== undefined || list === null) return false;
    if (isListLong(list)) return true;
    if (isNewList(list) || list === created) return false;
    setUnknownTold(true);
    return true;
  }

  function add(interpretation: Interpretation): void {
    const { list } = interpretation;
    // The ID of the inbox is null.
    const listId = interpretation.listId === undefined && list !== null ? onAddList(list) : interpretation.listId;
    onAdd([toTask({ ...interpretation, listId }, defaults)]);
    if (list !== null) setKeptList({ id: listId ?? null });
  }

  /** Takes the line out of the field at once, so that the user can write the next one until dates are understood. */
  async function submitLine(submitted: Line, created: string | null): Promise<void> {
    const toMeaning = (find: FindDates | undefined) =>
      interpret(submitted.text, { ...toOptions(find), literal: submitted.literal });
    const meaning = toMeaning(findDates);
    if (isRefused(meaning, created)) return setLine(submitted);
    setLine(emptyLine);
    setNewLists([]);
    setUnknownTold(false);
    add(findDates ? meaning : toMeaning(await loadDates()));
  }

  return {
    text: line.text,
    found,
    kept,
    /** The date of the screen, if the text has no other. */
    date: found.due === null ? defaults.date : undefined,
    problem,
    isUnknown,
    isNewList,
    write,
    /** Empties the field, unless the user has written on. */
    remove: (text: string) => setLine((line) => (line.text === text ? emptyLine : line)),
    /** Makes parts of the text have no meaning. */
    setLiteral: (ranges: readonly Range[]) =>
      setLine((line) => ({ ...line, literal: [...line.literal, ...ranges.map(({ start, end }) => ({ start, end }))] })),
    removeDate: () => setLine((line) => ({ ...line, hasDate: false })),
    removeKept: () => setKeptList(null),
    createList: (name: string) => setNewLists((names) => [...names, name]),
    submit: () => submitLine(line, null),
    /** Adds the task of another text. `created` is the list that the user creates with it. */
    submitWith: (text: string, created: string | null) =>
      submitLine({ ...line, text, literal: moveRanges(line.literal, line.text, text) }, created),
    /** Adds each line as a task. Lists that do not exist remain in the titles. Returns a problem instead. */
    async addLines(texts: readonly string[]): Promise<string | null> {
      const options = toOptions(await loadDates());
      const tasks = texts.map((text) => toTask(interpretWithKnownLists(text, options), defaults));
      const at = tasks.findIndex((task) => findProblem(task) !== null);
      if (at !== -1) return quickAddTexts.inLine(at + 1, findProblem(tasks[at]!)!);
      onAdd(tasks);
      return null;
    },
  };
}
