import { parseArgs } from 'node:util';
import { type Due, inOperation, openDatabase, Task, updateTask, type UserScope } from '@holdfast/db';

const { positionals } = parseArgs({ allowPositionals: true });
const [userId = '', today = ''] = positionals;
if (!/^\d{4}-\d\d-\d\d$/.test(today)) throw new Error('Invalid date. Pass a user ID and a date: <user id> 2026-01-31');

const db = await openDatabase({ url: process.env['DATABASE_URL'] ?? '' });
try {
  const counts = await inOperation({ name: 'reschedule overdue tasks' }, () => reschedule(db.asUser(userId), today));
  for (const [list, count] of counts) console.log(`${list}: ${count}`);
} finally {
  await db.close();
}

/** Moves the user's overdue tasks to this date. Their times do not change. Returns their number in each list. */
async function reschedule(scope: UserScope, date: string): Promise<Map<string, number>> {
  const overdue = await scope.transaction(({ em }) =>
    em.find(
      Task,
      { user: scope.userId, completed: false, deletedAt: null, dueDate: { $lt: date } },
      { populate: ['list'], orderBy: { dueDate: 'asc', id: 'asc' }, limit: 1000 },
    ),
  );
  const counts = new Map<string, number>();
  for (const { id, version, list, dueTime, dueTimeZone } of overdue) {
    const time = dueTime == null ? {} : { time: dueTime.slice(0, 5), ...(dueTimeZone && { timeZone: dueTimeZone }) };
    const due: Due = { date, ...time };
    await updateTask(scope, { id, due, ifVersion: version });
    const name = list?.name ?? 'Inbox';
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}
