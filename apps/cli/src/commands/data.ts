import { readFile } from 'node:fs/promises';
import { type ExportedData, type ImportDataInput, type ImportedData, isHoldfastError } from '@holdfast/client';
import { z } from 'zod';
import type { Context } from '../context.ts';
import { CliError } from '../errors.ts';
import { saveUndo } from '../planning/save-undo.ts';
import { connect } from '../server/connect.ts';
import { readStdin } from '../terminal/stdin.ts';
import { decodeUtf8 } from '../terminal/utf8.ts';

type Row = Record<string, unknown>;

/** A file of `tasks export`. The server checks the rows. */
const file = z.object({
  lists: z.array(z.record(z.string(), z.unknown())).default([]),
  tasks: z.array(z.record(z.string(), z.unknown())).default([]),
});

/** Most rows, and about the most bytes, of one call. */
const rowsMax = 500;
const bytesMax = 700_000;

/** Writes all lists and tasks to stdout, also those in the trash. */
export async function exportData(context: Context): Promise<void> {
  const { output, signal } = context;
  const { holdfast } = await connect(context);
  const data: Omit<ExportedData, 'nextCursor'> = { lists: [], tasks: [] };
  for await (const { lists, tasks } of holdfast.user.exportAll({ signal })) {
    data.lists.push(...lists);
    data.tasks.push(...tasks);
  }
  output.json(data);
}

/** Creates the lists and tasks of a file that do not exist. */
export async function importData(context: Context, path: string): Promise<void> {
  const { output, signal } = context;
  const { lists, tasks } = parseFile(await readInput(path, signal), path);
  const { holdfast, owner } = await connect(context);
  const total: ImportedData = { created: 0, unchanged: 0, conflicts: [] };
  // A list must exist before its tasks.
  for (const input of [...toParts(lists, 'lists'), ...toParts(tasks, 'tasks')]) {
    const { created, unchanged, conflicts } = await holdfast.user.import(input, { signal }).catch(rethrow);
    total.created += created;
    total.unchanged += unchanged;
    total.conflicts.push(...conflicts);
  }
  if (total.created > 0) await saveUndo(context, owner, { command: 'import', change: { kind: 'final' } });
  if (output.isJson) return output.json(total);
  const { created, unchanged, conflicts } = total;
  output.line(`Created ${created}, unchanged ${unchanged}, different ${conflicts.length}.`);
  if (conflicts.length > 0) output.note('Different lists and tasks stay as they are. --json shows their IDs.');
}

function rethrow(cause: unknown): never {
  if (!isHoldfastError(cause, 'NOT_FOUND')) throw cause;
  throw new CliError('NOT_FOUND', 'The list of a task is missing. Add it to the file, or restore it.', { cause });
}

async function readInput(path: string, signal: AbortSignal): Promise<string> {
  if (path === '-') return readStdin(signal);
  try {
    return decodeUtf8(await readFile(path, { signal }), 'The file');
  } catch (cause) {
    if (cause instanceof CliError || signal.aborted) throw cause;
    const { code } = cause as NodeJS.ErrnoException;
    throw new CliError('FILE_FAILED', `Cannot read ${path} (${code}). Check the path.`, { cause, more: { path } });
  }
}

function parseFile(text: string, path: string): z.infer<typeof file> {
  try {
    return file.parse(JSON.parse(text));
  } catch (cause) {
    const message = `${path} is no export. Use a file of \`tasks export\`.`;
    throw new CliError('FILE_FAILED', message, { cause, more: { path } });
  }
}

/** The inputs of the calls for some rows. */
function* toParts(rows: readonly Row[], name: 'lists' | 'tasks'): Generator<ImportDataInput> {
  let part: Row[] = [];
  let bytes = 0;
  for (const row of rows) {
    const size = Buffer.byteLength(JSON.stringify(row));
    if (part.length === rowsMax || (part.length > 0 && bytes + size > bytesMax)) {
      yield { [name]: part };
      [part, bytes] = [[], 0];
    }
    part.push(row);
    bytes += size;
  }
  if (part.length > 0) yield { [name]: part };
}
