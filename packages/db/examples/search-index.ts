import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ChangesOfUser, inOperation, openDatabase, readAllChanges, type UserRange } from '@holdfast/db';

const [, , path = 'index.sqlite', mode] = process.argv;
const stop = new AbortController();
process.once('SIGTERM', () => stop.abort());
const index = openIndex(path);
const db = await openDatabase({ url: process.env['DATABASE_URL'] ?? '' });
try {
  for (;;) {
    await inOperation({ name: 'search index' }, async () => {
      for await (const changes of readAllChanges(db, { readPositions: index.readPositions, signal: stop.signal })) {
        index.store(changes);
      }
    });
    if (mode === '--follow') await sleep(1000, undefined, { signal: stop.signal }).catch(() => {});
    if (mode !== '--follow' || stop.signal.aborted) break;
  }
} finally {
  await db.close();
  index.close();
}

/** A full-text index of all tasks outside the trash, in a file that also contains the position of each user. */
function openIndex(path: string) {
  const file = new DatabaseSync(path, { timeout: 5000 });
  file.exec(`
    pragma journal_mode = wal;
    create table if not exists positions (user_id text primary key, position text not null);
    create table if not exists tasks (number integer primary key, user_id text, id text, unique (user_id, id));
    create virtual table if not exists texts using fts5 (title, description)`);
  const run = (sql: string, ...values: (string | number | bigint | null)[]) => file.prepare(sql).run(...values);

  function remove(condition: string, ...values: string[]): void {
    run(`delete from texts where rowid in (select number from tasks where ${condition})`, ...values);
    run(`delete from tasks where ${condition}`, ...values);
  }

  return {
    readPositions({ after, until }: UserRange) {
      const select = file.prepare('select user_id, position from positions where user_id > ? and user_id <= ?');
      return new Map(select.all(after, until).map((row) => [String(row['user_id']), String(row['position'])]));
    },
    /** Stores a page and its position together. If the process ends before that, the next one reads the page again. */
    store({ userId, tasks, removed, position, isReset }: ChangesOfUser): void {
      file.exec('begin immediate');
      if (isReset) remove('user_id = ?', userId);
      for (const { id } of [...tasks, ...removed]) remove('user_id = ? and id = ?', userId, id);
      for (const { id, title, description } of tasks.filter(({ deletedAt }) => deletedAt === null)) {
        const { lastInsertRowid } = run('insert into tasks (user_id, id) values (?, ?)', userId, id);
        run('insert into texts (rowid, title, description) values (?, ?, ?)', lastInsertRowid, title, description);
      }
      if (position === null) run('delete from positions where user_id = ?', userId);
      else run('insert or replace into positions values (?, ?)', userId, position);
      file.exec('commit');
    },
    close: () => file.close(),
  };
}
