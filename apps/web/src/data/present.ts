import { addDays, todayIn, toWeekday } from '@holdfast/task-values';

/** The present for the user. */
export interface Present {
  now: Date;
  /** IANA name of the user's zone. */
  timeZone: string;
}

export const toToday = ({ now, timeZone }: Present) => todayIn(timeZone, now);

/** First day of the week in the browser's locale: 1 for Monday to 7 for Sunday. */
export function findFirstWeekday(): number {
  const locale = new Intl.Locale(new Intl.DateTimeFormat().resolvedOptions().locale) as Intl.Locale & {
    getWeekInfo?(): { firstDay: number };
    weekInfo?: { firstDay: number };
  };
  return (locale.getWeekInfo?.() ?? locale.weekInfo)?.firstDay ?? 1;
}

/** First day of the next week. */
export function toNextWeek(today: string): string {
  const days = (findFirstWeekday() - toWeekday(today) + 7) % 7;
  return addDays(today, days === 0 ? 7 : days);
}
