import type { UserScope } from '../scope/user-scope.ts';
import { exportData, type ExportPage } from '../user-data/export-data.ts';

export interface ExportCounts {
  lists: number;
  tasks: number;
}

/** A page holds at most this many bytes of text. */
const pageBytes = 2 ** 22;

/**
 * Yields all lists and tasks of a user as one JSON document `{ lists, tasks }`, with the rows of `user.export`, one per line. At the
 * end, `counts` has their numbers.
 */
export async function* exportUser(scope: UserScope, counts: ExportCounts): AsyncGenerator<Buffer> {
  let cursor: string | null = null;
  yield Buffer.from('{"lists":[');
  let hasTasks = false;
  do {
    const page: ExportPage = await exportData(scope, { cursor: cursor ?? undefined, maxBytes: pageBytes });
    const parts = [toRows(page.lists, counts.lists)];
    // All lists come before the first task.
    if (!hasTasks && (page.tasks.length > 0 || page.nextCursor === null)) {
      parts.push('\n],"tasks":[');
      hasTasks = true;
    }
    parts.push(toRows(page.tasks, counts.tasks));
    counts.lists += page.lists.length;
    counts.tasks += page.tasks.length;
    yield Buffer.from(parts.join(''));
    cursor = page.nextCursor;
  } while (cursor !== null);
  yield Buffer.from('\n]}\n');
}

const toRows = (rows: readonly object[], before: number) =>
  rows.map((row, at) => `${before + at === 0 ? '' : ','}\n${JSON.stringify(row)}`).join('');
