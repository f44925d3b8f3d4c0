import { parseArgs } from 'node:util';
import { type Database, inOperation, openDatabase } from '@holdfast/db';

const batchSize = 500;

const { values } = parseArgs({ options: { apply: { type: 'boolean', default: false } } });
const db = await openDatabase({ url: process.env['DATABASE_URL'] ?? '' });
try {
  const count = await inOperation({ name: 'repair of titles' }, () => repair(db, values.apply));
  console.log(values.apply ? `Changed ${count} titles.` : `Would change ${count} titles: run it with --apply.`);
} finally {
  await db.close();
}

/**
 * Makes one blank of several in titles. Each batch is a transaction of its own, so that nobody waits for long, and what
 * an interrupted run has done stays done; the next one goes on with the rest.
 */
async function repair(db: Database, write: boolean): Promise<number> {
  let count = 0;
  let after: Key = { user_id: '00000000-0000-0000-0000-000000000000', id: '00000000-0000-0000-0000-000000000000' };
  for (;;) {
    const keys = await repairBatch(db, write, after);
    count += keys.length;
    if (keys.length < batchSize) return count;
    after = keys.at(-1)!;
  }
}

interface Key {
  user_id: string;
  id: string;
}

function repairBatch(db: Database, write: boolean, after: Key): Promise<Key[]> {
  return db.acrossAllUsers(
    async (em) => {
      const keys = await em.execute<Key[]>(
        `select user_id, id from tasks where (user_id, id) > (?, ?) and title ~ ' {2}'
        order by user_id, id limit ? ${write ? 'for update' : ''}`,
        [after.user_id, after.id, batchSize],
      );
      if (write && keys.length > 0) {
        // A change that clients make at the same time is told apart by its version, as any other.
        await em.execute(
          `update tasks set title = regexp_replace(title, ' {2,}', ' ', 'g'), updated_at = now(), version = version + 1
          where (user_id, id) in (${keys.map(() => '(?::uuid, ?::uuid)').join(', ')})`,
          keys.flatMap(({ user_id, id }) => [user_id, id]),
        );
      }
      return keys;
    },
    { write },
  );
}
