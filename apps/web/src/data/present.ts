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

/** A day that people choose often. */
export interface NamedDay {
  name: 'today' | 'tomorrow' | 'weekend' | 'nextWeekend' | 'nextWeek';
  date: string;
}

/** The days that people choose most. Each has one name only: on a Friday, tomorrow is the weekend. */
export function findNamedDays(today: string): NamedDay[] {
  const weekday = toWeekday(today);
  const untilNextWeek = (findFirstWeekday() - weekday + 7) % 7 || 7;
  const days: NamedDay[] = [
    { name: 'today', date: today },
    { name: 'tomorrow', date: addDays(today, 1) },
    weekday < 6
      ? { name: 'weekend', date: addDays(today, 6 - weekday) }
      : { name: 'nextWeekend', date: addDays(today, 13 - weekday) },
    { name: 'nextWeek', date: addDays(today, untilNextWeek) },
  ];
  return days.filter(({ date }, at) => days.findIndex((day) => day.date === date) === at);
}
