/** When a task is due: on a date, at a local time of any zone, or at a local time of one zone. */
export interface Due {
  /** `YYYY-MM-DD`. */
  date: string;
  /** `HH:MM`. */
  time?: string;
  /** IANA name. */
  timeZone?: string;
}

/** Converts the columns `due_date`, `due_time` and `due_time_zone`. */
export function readDue(date: string | null, time: string | null, timeZone: string | null): Due | null {
  if (date === null) return null;
  if (time === null) return { date };
  return timeZone === null ? { date, time: time.slice(0, 5) } : { date, time: time.slice(0, 5), timeZone };
}

/** The reverse of `readDue`. */
export function toDueColumns(due: Due | null) {
  return { due_date: due?.date ?? null, due_time: due?.time ?? null, due_time_zone: due?.timeZone ?? null };
}
