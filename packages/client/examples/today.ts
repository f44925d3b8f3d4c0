import type { Due, Holdfast, Task } from '@holdfast/client';

/** Date and time in a zone: `2026-01-31` and `09:30`. */
function toLocal(now: Date, timeZone: string): { date: string; time: string } {
  // Swedish dates and times have the format of ISO 8601.
  const [date, time] = now.toLocaleString('sv', { timeZone }).split(' ') as [string, string];
  return { date, time: time.slice(0, 5) };
}

/** A time without a zone is a time in the user's zone. A whole day is overdue on the next day. */
export function isOverdue(due: Due, { now, zone }: { now: Date; zone: string }): boolean {
  const local = toLocal(now, due.timeZone ?? zone);
  return due.date < local.date || (due.date === local.date && due.time !== undefined && due.time < local.time);
}

/** The open tasks that are overdue or due later today. */
export async function planDay(holdfast: Holdfast, now = new Date()): Promise<{ overdue: Task[]; today: Task[] }> {
  const { timeZone } = await holdfast.user.me();
  const zone = timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  const until = toLocal(now, zone).date;
  const plan = { overdue: [] as Task[], today: [] as Task[] };
  for await (const task of holdfast.task.listAll({ completed: false, due: { until }, order: 'due' })) {
    (isOverdue(task.due!, { now, zone }) ? plan.overdue : plan.today).push(task);
  }
  return plan;
}
