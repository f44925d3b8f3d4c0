/** Part of a text, from the character at `start` to the one before `end`, in UTF-16 code units. */
export interface Range {
  start: number;
  end: number;
}

/** A due date without a zone, in the format of the API. */
export interface Due {
  /** YYYY-MM-DD */
  date: string;
  /** HH:MM, from 00:00 to 23:59 */
  time?: string;
}

/** The present for one user. */
export interface Present {
  now: Date;
  /** IANA name of the user's zone. */
  timeZone: string;
}

/** 0 is no priority, 3 the highest. */
export type Priority = 0 | 1 | 2 | 3;

/** A date in a text. */
export interface FoundDate extends Range {
  text: string;
  due: Due;
  /** True if the text can have another meaning: `Sunday`, `3:16`. */
  isWeak: boolean;
  /** True if the text names no day. */
  isTimeOnly: boolean;
  /** True for words that are seldom dates when they are alone: `noon`, `night`. */
  isAmbiguous: boolean;
}

/** Finds all dates in a text. `@holdfast/quick-add/dates` has one for English. */
export type FindDates = (text: string, present: Present) => FoundDate[];

/** A part of the text that is not in the title. */
export interface Part extends Range {
  kind: 'due' | 'label' | 'list' | 'priority';
  /** The characters of the part, such as `#home` or `by Friday`. */
  text: string;
}

/** The interpretation of one line. */
export interface QuickAdd {
  title: string;
  due: Due | null;
  /** Without duplicates that differ only in case. */
  labels: string[];
  /** Name of a list. */
  list: string | null;
  priority: Priority;
  /** In the order of the text, without overlaps. A date with a marker inside has several parts, and so has a repeated label. */
  parts: Part[];
}

export interface QuickAddOptions {
  /** Without it, dates remain in the title. */
  findDates?: FindDates;
  /** Ranges without a meaning. They remain in the title. */
  literal?: readonly Range[];
}
