const dayMs = 86_400_000;

const toTime = (date: string) => Date.parse(`${date}T00:00Z`);

/** Returns the date that is a number of days later. Both dates are YYYY-MM-DD, in the years 1 to 9999. */
export function addDays(date: string, days: number): string {
  return new Date(toTime(date) + days * dayMs).toISOString().slice(0, 10);
}

/** Returns the number of days from a date to another; it is negative if the other is earlier. */
export function countDays(from: string, to: string): number {
  return (toTime(to) - toTime(from)) / dayMs;
}

/** Returns the day of the week of a date: 1 for Monday to 7 for Sunday, as in ISO 8601. */
export function toWeekday(date: string): number {
  return new Date(toTime(date)).getUTCDay() || 7;
}
