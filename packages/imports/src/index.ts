export { readImport } from './read-import.ts';
export {
  type Format,
  formats,
  type Imported,
  type ImportFile,
  ImportFileError,
  type ImportOptions,
  type ListRecord,
  type Problem,
  type TaskRecord,
} from './types.ts';
