import { type ImportDataInput, type ImportedData, isHoldfastError } from '@holdfast/client';
import type { Context } from '../context.ts';
import { CliError } from '../errors.ts';
import type { Connection } from '../server/connect.ts';
import type { Rows } from './parse-export.ts';

/** Most rows, and about the most bytes, of one call. */
const rowsMax = 500;
const bytesMax = 700_000;

interface AllRows {
  lists: Rows;
  tasks: Rows;
}

/** Imports lists and tasks in several calls. If one fails, a warning says how much is imported, and how to go on. */
export async function sendRows(context: Context, { holdfast }: Connection, rows: AllRows): Promise<ImportedData> {
  const { output, signal } = context;
  const { lists, tasks } = rows;
  const total: ImportedData = { created: 0, unchanged: 0, conflicts: [] };
  const all = lists.length + tasks.length;
  let sent = 0;
  // A list must exist before its tasks.
  for (const { input, count } of [...toParts(lists, 'lists'), ...toParts(tasks, 'tasks')]) {
    try {
      const { created, unchanged, conflicts } = await holdfast.user.import(input, { signal });
      total.created += created;
      total.unchanged += unchanged;
      total.conflicts.push(...conflicts);
    } catch (cause) {
      if (sent > 0) output.warn(`Imported ${sent} of ${all} lists and tasks. Run the command again to go on.`);
      if (!isHoldfastError(cause, 'NOT_FOUND')) throw cause;
      throw new CliError('NOT_FOUND', 'The list of a task is missing. Add it to the file, or restore it.', { cause });
    }
    sent += count;
    if (sent < all) output.progress(`${sent} of ${all} sent…`);
  }
  return total;
}

interface Part {
  input: ImportDataInput;
  count: number;
}

/** The inputs of the calls for some rows. */
function* toParts(rows: Rows, name: 'lists' | 'tasks'): Generator<Part> {
  let part: object[] = [];
  let bytes = 0;
  for (const row of rows) {
    const size = Buffer.byteLength(JSON.stringify(row));
    if (part.length === rowsMax || (part.length > 0 && bytes + size > bytesMax)) {
      yield { input: { [name]: part }, count: part.length };
      [part, bytes] = [[], 0];
    }
    part.push(row);
    bytes += size;
  }
  if (part.length > 0) yield { input: { [name]: part }, count: part.length };
}
