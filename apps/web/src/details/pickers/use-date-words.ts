import type { Due } from '@holdfast/quick-add';
import { findDueProblem } from '@holdfast/task-values';
import { useEffect } from 'react';
import { useTimeZone } from '../../data/app.ts';
import { loadDates, useFindDates } from '../../quick-add/dates.ts';

/** The date in a text such as `friday 9am`, as soon as the parser is loaded. */
export function useDateWords(text: string): Due | undefined {
  const timeZone = useTimeZone();
  const findDates = useFindDates();
  useEffect(() => void loadDates(), []);
  const date = text.trim();
  if (/^\d{4}-\d\d-\d\d$/.test(date)) return findDueProblem({ date }) === null ? { date } : undefined;
  const found = findDates?.(date, { now: new Date(), timeZone }) ?? [];
  return found.toSorted((one, other) => other.text.length - one.text.length)[0]?.due;
}
