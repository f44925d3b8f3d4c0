import { pipeline } from 'node:stream/promises';
import { type Database, inOperation, openDatabase, Task } from '@holdfast/db';

const db = await openDatabase({ url: process.env['DATABASE_URL'] ?? '' });
try {
  await inOperation({ name: 'report of open tasks' }, () => report(db));
} finally {
  await db.close();
}

/** Writes one CSV line per user with open tasks: the user, the number of open tasks, the oldest creation time. */
async function report(db: Database): Promise<void> {
  await db.acrossAllUsers(
    async (em) => {
      const tasks = em.stream(Task, {
        where: { completed: false, deletedAt: null },
        orderBy: { user: 'asc', createdAt: 'asc' },
        chunkSize: 1000,
      });
      await pipeline(toLines(tasks), process.stdout, { end: false });
    },
    { mayLag: true },
  );
}

async function* toLines(tasks: AsyncIterable<Task>): AsyncGenerator<string> {
  let line: { user: string; open: number; since: Date } | undefined;
  const toText = ({ user, open, since }: NonNullable<typeof line>) => `${user},${open},${since.toISOString()}\n`;
  yield 'user,open,since\n';
  for await (const task of tasks) {
    if (line?.user === task.user.id) {
      line.open += 1;
    } else {
      if (line) yield toText(line);
      line = { user: task.user.id, open: 1, since: task.createdAt };
    }
  }
  if (line) yield toText(line);
}
