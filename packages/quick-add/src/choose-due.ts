import { todayIn } from '@holdfast/task-values';
import type { Due, FoundDate, Present, Range } from './types.ts';

interface Choice extends FoundDate {
  isAtEnd: boolean;
  /** True after a word such as `by`. */
  isExplicit: boolean;
}

const before = /(?:^|\s)(?:(?:due\s+)?(?:by|on|at|@)\s+(?:the\s+)?|due\s+|the\s+)$/i;
/** Words after which a date says something else than when a task is due. */
const otherUse =
  /(?:^|\s)(?:every|each|last|past|since|from|until|till|after|before|for|about|not|no|of|a|an|black|good|cyber)\s+$/i;
const end = /^[,.;:!?]*\s*$/;
const boundary = /^[,.;:!?]*(?:\s|$)/;

/**
 * Chooses a date in the text that is clearly meant as a due date. Past dates are not. A day and a time in two places are one
 * due date: `Tomorrow call Ann at 5pm`.
 */
export function chooseDue(
  text: string,
  dates: readonly FoundDate[],
  { now, timeZone }: Present,
): { due: Due; ranges: Range[] } | undefined {
  const today = todayIn(timeZone, now);
  const choices = dates.flatMap((found) => {
    const choice = found.due.date < today ? undefined : toChoice(text, found);
    return choice ? [choice] : [];
  });
  const chosen = choices.find(({ isAtEnd }) => isAtEnd) ?? choices[0];
  if (chosen === undefined) return undefined;
  const day = chosen.isTimeOnly ? choices.find(({ due }) => due.time === undefined) : chosen;
  const time = chosen.due.time === undefined ? choices.find(isSureTime) : chosen;
  if (!day || !time || !isSureTime(time)) return { due: chosen.due, ranges: [chosen] };
  return { due: { date: day.due.date, time: time.due.time! }, ranges: [day, time] };
}

/** `Book the 7pm show tomorrow` is not due at 19:00. */
const isSureTime = ({ isTimeOnly, isExplicit, isAtEnd }: Choice) => isTimeOnly && (isExplicit || isAtEnd);

function toChoice(text: string, found: FoundDate): Choice | undefined {
  const [left, right] = [text.slice(0, found.start), text.slice(found.end)];
  if (/\S$/.test(left) || !boundary.test(right) || otherUse.test(left)) return undefined;
  const preposition = before.exec(left)?.[0].trimStart() ?? '';
  const isAfterThe = /\bthe\s+$/i.test(preposition);
  // `the 5th of May` is a date, but not `the Friday party` or `the 7pm show`.
  if (isAfterThe && (found.isTimeOnly || !/^\d/.test(found.text))) return undefined;
  // The finder of dates includes some prepositions.
  const isExplicit = (preposition !== '' && !isAfterThe) || /^(?:at|on)\s/i.test(found.text);
  const isAtEnd = end.test(right);
  if (!isExplicit && (found.isAmbiguous || (found.isWeak && !isAtEnd))) return undefined;
  return { ...found, start: found.start - preposition.length, isAtEnd, isExplicit };
}
