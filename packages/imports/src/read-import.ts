import { readTable, type Table } from './csv.ts';
import { toRecords } from './finish.ts';
import { hasTitle, readCsv, readJson } from './generic.ts';
import { readOutlookCsv } from './microsoft-csv.ts';
import { isMicrosoftJson, readMicrosoftJson } from './microsoft-json.ts';
import { readTodoist } from './todoist.ts';
import {
  type Draft,
  type Format,
  type Imported,
  type ImportFile,
  ImportFileError,
  type ImportOptions,
  type Problem,
  type Reader,
} from './types.ts';

/**
 * Reads files of other apps as lists and tasks for `user.import`. The same files give the same IDs. Each value that is imported in
 * another form, or not at all, has a problem.
 *
 * @throws ImportFileError if a file cannot be read.
 */
export function readImport(files: readonly ImportFile[], options: ImportOptions): Imported {
  const problems: Problem[] = [];
  const read = files.map((file) => {
    const report: Reader['report'] = (at, text) => void problems.push({ file: file.name, at, text });
    return { file: file.name, ...readFile({ file, present: options.present, report }, options.format) };
  });
  const { lists, tasks } = toRecords(read, options, problems);
  return { formats: read.map(({ format }) => format), lists, tasks, problems };
}

function readFile(reader: Reader, given: Format | undefined): { format: Format; drafts: Draft[] } {
  const { name, text } = reader.file;
  if (text.startsWith('PK\u0003\u0004')) {
    throw new ImportFileError(name, `${name} is a ZIP file. Unpack it, and import the files in it.`);
  }
  const looksLikeJson = /^\uFEFF?\s*[[{]/.test(text);
  if (given === 'json' || (looksLikeJson && given !== 'csv' && given !== 'todoist')) {
    const json = parseJson(reader.file);
    const isMicrosoft = given === undefined ? isMicrosoftJson(json) : given === 'microsoft-to-do';
    if (isMicrosoft) return { format: 'microsoft-to-do', drafts: readMicrosoftJson(reader, json) };
    return { format: 'json', drafts: readJson(reader, json) };
  }
  const table = readTable(reader.file);
  const format = given ?? findCsvFormat(name, table);
  const readers = { todoist: readTodoist, 'microsoft-to-do': readOutlookCsv, csv: readCsv };
  return { format, drafts: readers[format](reader, table) };
}

function parseJson({ name, text }: ImportFile): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, '')) as unknown;
  } catch {
    throw new ImportFileError(name, `${name} is not valid JSON. Export it again.`);
  }
}

function findCsvFormat(name: string, { columns }: Table): Exclude<Format, 'json'> {
  const has = (column: string) => columns.includes(column);
  if (has('type') && has('content')) return 'todoist';
  if (has('subject') && (has('% complete') || has('reminder on/off'))) return 'microsoft-to-do';
  if (hasTitle(columns)) return 'csv';
  throw new ImportFileError(name, `The format of ${name} is unknown. Name the column of titles 'title'.`);
}
