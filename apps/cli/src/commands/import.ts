import type { ImportedData } from '@holdfast/client';
import {
  type Format,
  type Imported,
  type ImportFile,
  ImportFileError,
  type Problem,
  readImport,
} from '@holdfast/imports';
import type { Context } from '../context.ts';
import { CliError } from '../errors.ts';
import { parseExport, type Rows } from '../imports/parse-export.ts';
import { readTextFile } from '../imports/read-files.ts';
import { preview, reportProblems } from '../imports/report.ts';
import { sendRows } from '../imports/send-rows.ts';
import { saveUndo } from '../planning/save-undo.ts';
import { connect, type Connection } from '../server/connect.ts';
import { toPlain } from '../terminal/plain.ts';

export interface ImportOptions {
  from?: Format | 'holdfast';
  dryRun?: true;
  encoding?: string;
}

interface Read {
  lists: Rows;
  tasks: Rows;
  /** Undefined for exports of Holdfast. */
  imported?: Imported;
}

/** Creates the lists and tasks of files that do not exist. */
export async function importFiles(context: Context, paths: string[], options: ImportOptions): Promise<void> {
  const { output, signal } = context;
  const files: ImportFile[] = [];
  for (const path of paths) files.push(await readTextFile(path, { encoding: options.encoding, signal }));
  const connection = await connect(context);
  const { lists, tasks, imported } = await readRows(connection, files, options);
  const problems = imported?.problems;
  if (problems) reportProblems(output, problems);
  if (options.dryRun) return showPreview(context, connection, { lists, tasks, ...(imported && { imported }) });
  const total = await sendRows(context, connection, { lists, tasks });
  if (total.created > 0) {
    await saveUndo(context, connection.owner, { command: 'import', change: { kind: 'final' } });
  }
  if (output.isJson) return output.json({ ...total, ...(problems && { problems }) });
  showTotal(context, total, problems);
}

function showTotal({ output }: Context, total: ImportedData, problems: readonly Problem[] = []): void {
  const { created, unchanged, conflicts } = total;
  output.line(`Created ${created}, unchanged ${unchanged}, different ${conflicts.length}.`);
  if (conflicts.length > 0) output.note('Different lists and tasks stay as they are. --json shows their IDs.');
  if (problems.length > 0) output.note('Some values could not be imported as they are. --json shows all of them.');
}

async function showPreview(
  { output }: Context,
  { profile }: Connection,
  { lists, tasks, imported }: Read,
): Promise<void> {
  if (output.isJson) {
    return output.json({
      formats: imported?.formats ?? ['holdfast'],
      lists,
      tasks,
      problems: imported?.problems ?? [],
    });
  }
  if (imported === undefined) {
    return output.note(`Read ${tasks.length} tasks and ${lists.length} lists (holdfast). Nothing was sent.`);
  }
  const { formats, tasks: records, lists: newLists } = imported;
  preview(output, { formats, tasks: records, newLists, knownLists: await profile.lists() });
}

/** The rows of the files: exports of Holdfast with their IDs, or files of other apps. */
async function readRows(connection: Connection, files: ImportFile[], { from }: ImportOptions): Promise<Read> {
  const exports = from === undefined || from === 'holdfast' ? files.map(parseExport) : [];
  const isExport = exports.length > 0 && exports.every((data) => data !== undefined);
  if (isExport) return { lists: exports.flatMap(({ lists }) => lists), tasks: exports.flatMap(({ tasks }) => tasks) };
  if (from === 'holdfast') {
    throw toFileError(files[exports.indexOf(undefined)]!, 'is no export. Use a file of `tasks export`.');
  }
  const known = files.find((_, at) => exports[at] !== undefined);
  if (known !== undefined) throw toFileError(known, 'is an export of Holdfast. Import it alone.');
  const { holdfast, profile } = connection;
  const [{ id: userId }, present, lists] = await Promise.all([holdfast.user.me(), profile.present(), profile.lists()]);
  const usable = lists.filter(({ archivedAt }) => archivedAt === null);
  const imported = readFiles(files, { userId, present, lists: usable, format: from });
  return { lists: imported.lists, tasks: imported.tasks, imported };
}

const toFileError = ({ name }: ImportFile, text: string) =>
  new CliError('FILE_FAILED', `${toPlain(name)} ${text}`, { more: { path: name } });

function readFiles(...args: Parameters<typeof readImport>): Imported {
  try {
    return readImport(...args);
  } catch (cause) {
    if (!(cause instanceof ImportFileError)) throw cause;
    throw new CliError('FILE_FAILED', toPlain(cause.message), { cause, more: { path: cause.file } });
  }
}
