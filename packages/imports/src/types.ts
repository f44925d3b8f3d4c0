import type { Present } from '@holdfast/quick-add';
import type { DueInput } from '@holdfast/task-values';

/** The formats that have no IDs of Holdfast. */
export const formats = ['todoist', 'microsoft-to-do', 'csv', 'json'] as const;

export type Format = (typeof formats)[number];

export interface ImportFile {
  /** Name without folders, such as `Work.csv`. */
  name: string;
  text: string;
}

export interface ImportOptions {
  /** UUID of the user. The same task of another user has another ID. */
  userId: string;
  /** For dates in words, such as `tomorrow`. */
  present: Present;
  /** The lists that the user has. A list of a file with the same name is the same list. */
  lists: readonly { id: string; name: string }[];
  /** Default: each file has the format that its content shows. */
  format?: Format | undefined;
}

/** A part of a file that is imported in another form, or not at all. */
export interface Problem {
  /** Name of the file. */
  file: string;
  /** `line 5`, or `task 5` of a JSON file. */
  at: string;
  /** One or two sentences. */
  text: string;
}

/** A list for `user.import`. */
export interface ListRecord {
  id: string;
  name: string;
}

/** A task for `user.import`. */
export interface TaskRecord {
  id: string;
  title: string;
  description: string | null;
  listId: string | null;
  due: DueInput | null;
  priority: 0 | 1 | 2 | 3;
  labels: string[];
  completed: boolean;
  createdAt?: string;
  completedAt?: string;
}

export interface Imported {
  /** The formats of the files, in their order. */
  formats: Format[];
  /** Lists that the user does not have yet. */
  lists: ListRecord[];
  /** In the order of the files. */
  tasks: TaskRecord[];
  problems: Problem[];
}

/** A task as a file has it. */
export interface Draft {
  /** As in `Problem`. */
  at: string;
  /** Null is the inbox. */
  list: string | null;
  title: string;
  description?: string | undefined;
  due?: DueInput | null | undefined;
  priority?: 0 | 1 | 2 | 3 | undefined;
  /** Empty ones and spaces around them are allowed. */
  labels?: readonly string[] | undefined;
  completed?: boolean | undefined;
  /** ISO 8601. */
  createdAt?: string | undefined;
  completedAt?: string | undefined;
  /** Lines for the end of the description: facts that tasks have no field for. */
  facts?: readonly string[] | undefined;
  /** The titles above a subtask. */
  parents?: readonly string[] | undefined;
  /** The task's ID in the other app. */
  foreignId?: string | undefined;
}

/** Reports a problem of a file. */
export type Report = (at: string, text: string) => void;

/** The input of the reader of a format. */
export interface Reader {
  file: ImportFile;
  present: Present;
  report: Report;
}

/** The file cannot be read at all. The message is a sentence for people. */
export class ImportFileError extends Error {
  override readonly name = 'ImportFileError';
  readonly code = 'IMPORT_FILE';
  /** Name of the file. */
  readonly file: string;
  constructor(file: string, message: string) {
    super(message);
    this.file = file;
  }
}
