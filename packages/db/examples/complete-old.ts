import { parseArgs } from 'node:util';
import { inOperation, listTasks, openDatabase, updateTask, type UserScope } from '@holdfast/db';

const { positionals } = parseArgs({ allowPositionals: true });
const [userId = '', day = ''] = positionals;
const before = new Date(day);
if (Number.isNaN(before.getTime())) throw new Error('Invalid date. Pass a user ID and a date: <user id> 2026-01-31');

const db = await openDatabase({ url: process.env['DATABASE_URL'] ?? '' });
try {
  const count = await inOperation({ name: 'complete old tasks' }, () => completeOld(db.asUser(userId), before));
  console.log(`Completed ${count} tasks.`);
} finally {
  await db.close();
}

/** Completes the user's open tasks that were created before the date. Row-level security applies as in a request. */
async function completeOld(scope: UserScope, before: Date): Promise<number> {
  let count = 0;
  let cursor: string | undefined;
  do {
    const page = await listTasks(scope, { completed: false, order: 'oldest', limit: 200, cursor });
    for (const { id, version, createdAt } of page.items) {
      if (new Date(createdAt) >= before) return count;
      await updateTask(scope, { id, completed: true, ifVersion: version });
      count += 1;
    }
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return count;
}
