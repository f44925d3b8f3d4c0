import { parseArgs } from 'node:util';
import { type Database, inOperation, openDatabase } from '@holdfast/db';

const batchSize = 500;

const { values } = parseArgs({ options: { apply: { type: 'boolean', default: false } } });
const db = await openDatabase({ url: process.env['DATABASE_URL'] ?? '' });
try {
  const count = await inOperation({ name: 'repair of titles' }, () => repair(db, values.apply));
  console.log(values.apply ? `Changed ${count} titles.` : `Would change ${count} titles. Add --apply to change them.`);
} finally {
  await db.close();
}

/**
 * Replaces repeated spaces in titles with one space. Each batch is a separate transaction: locks are short, and an
 * interrupted run loses only its last batch. Run the script again to change the remaining titles.
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
        // The new version makes a client's concurrent update with `ifVersion` fail instead of overwriting this one.
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
