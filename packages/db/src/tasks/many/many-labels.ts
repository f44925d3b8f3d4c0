import { fold } from '@holdfast/task-values';
import { type RawBuilder, sql } from 'kysely';
import type { Parameters } from '../../scope/prepared-statement.ts';

/** The most labels that a task can have. */
export const maxLabels = 20;

export interface LabelChanges {
  /** Labels that each task must have. A label that the task already has, in any case, stays as it is. */
  addLabels?: readonly string[] | undefined;
  /** Labels that no task may have, in any case. */
  removeLabels?: readonly string[] | undefined;
}

/** Arguments of a statement that adds and removes labels. Two labels are the same exactly if they have the same key. */
export interface LabelArgs {
  changesLabels: boolean;
  addedLabels: string[];
  addedKeys: string[];
  addedFolds: string[];
  removedKeys: string[];
  /** The upper-case letters of the given labels, and the lower-case letter of each. */
  upperLetters: string;
  lowerLetters: string;
}

export function toLabelArgs({ addLabels = [], removeLabels = [] }: LabelChanges): LabelArgs {
  const [addedKeys, removedKeys] = [addLabels.map(toKey), removeLabels.map(toKey)];
  const letters = [...new Set([...addedKeys, ...removedKeys].join(''))];
  const pairs = letters.flatMap((lower) => findUpperLetters(lower).map((upper) => ({ upper, lower })));
  return {
    changesLabels: addLabels.length + removeLabels.length > 0,
    addedLabels: [...addLabels],
    addedKeys,
    addedFolds: addLabels.map(fold),
    removedKeys,
    upperLetters: pairs.map(({ upper }) => upper).join(''),
    lowerLetters: pairs.map(({ lower }) => lower).join(''),
  };
}

/** Two labels have the same key if they differ only in case or Unicode normalization. */
function toKey(label: string): string {
  return label.normalize('NFC').toLowerCase().replaceAll('ς', 'σ');
}

/** By lower-case letter; complete after the first use. */
const upperLetters = new Map<string, string[]>();
const lastLetter = 0x1_ff_ff;

/** The letters that have this lower-case letter in JavaScript, so that the result is the same in every locale of PostgreSQL. */
function findUpperLetters(lower: string): string[] {
  if (upperLetters.size === 0) {
    upperLetters.set('σ', ['ς']);
    for (let code = 0; code <= lastLetter; code++) {
      const letter = String.fromCodePoint(code);
      if (!/\p{Changes_When_Lowercased}/u.test(letter)) continue;
      const key = letter.toLowerCase();
      upperLetters.set(key, [...(upperLetters.get(key) ?? []), letter]);
    }
  }
  return upperLetters.get(lower) ?? [];
}

/**
 * A query for one row of `task`, which has the columns `labels` and `search`: its labels after the changes, and their folded
 * forms separated by tabs. Both are null if the labels do not change.
 */
export function mergeLabels({ value }: Parameters<LabelArgs>): RawBuilder<object> {
  // The lower case of İ has two letters, which `translate` cannot insert.
  const key = (label: RawBuilder<unknown>) =>
    sql`translate(replace(normalize(${label}), ${'İ'}, ${'İ'.toLowerCase()}), ${value('upperLetters')}, ${value('lowerLetters')})`;
  const changesLabels = value('changesLabels');
  const added = sql`unnest(${value('addedLabels')}::text[], ${value('addedFolds')}::text[], ${value('addedKeys')}::text[])`;
  return sql`
    select case when ${changesLabels} then coalesce(array_agg(label order by place), '{}') end as labels,
      case when ${changesLabels} then coalesce(string_agg(coalesce(folded, ''), E'\t' order by place), '') end as folded
    from (
      select label, folded, place
      from unnest(task.labels, string_to_array(split_part(task.search, E'\n', 3), E'\t'))
        with ordinality as own (label, folded, place)
      where ${changesLabels} and label is not null and ${key(sql.ref('label'))} <> all (${value('removedKeys')}::text[])
      union all
      select label, folded, ${sql.lit(maxLabels)} + place
      from ${added} with ordinality as added (label, folded, key, place)
      where ${changesLabels}
        and key <> all (array(select ${key(sql.ref('own.label'))} from unnest(task.labels) as own (label)))
    ) as label`;
}
