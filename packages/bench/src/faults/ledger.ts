/** A task's row in the database. */
export interface Row {
  user: string;
  id: string;
  title: string;
  description: string | null;
  completed: boolean;
  version: number;
}

/** The state of a task as its only writer knows it. */
export interface Entry {
  readonly user: string;
  /** Every title of the task begins with this text. It identifies the task if the response with its ID was lost. */
  readonly mark: string;
  id: string | undefined;
  /** Number of changes; `null` if the task does not exist. Several values if a response was lost. */
  possible: (number | null)[];
}

/** All writes: the acknowledged ones, and those with an unknown outcome. */
export interface Ledger {
  readonly entries: readonly Entry[];
  /** Adds an entry for a task that will be created. */
  add(user: string): Entry;
  /** Compares the rows with the entries. Returns one sentence per difference. */
  audit(rows: readonly Row[]): string[];
}

/** All fields follow from the mark and the number of changes, so that a partial write is visible. */
export function toFields(mark: string, changes: number) {
  const title = `${mark} after ${changes} changes`;
  return {
    title,
    description: `The description of: ${title}. `.repeat(10).trim(),
    completed: changes % 2 === 1,
  };
}

export function createLedger(): Ledger {
  const entries: Entry[] = [];

  function auditEntry(entry: Entry, found: readonly Row[]): string[] {
    const [row, ...others] = found;
    if (others.length > 0) return [`${entry.mark} exists ${found.length} times.`];
    if (row === undefined)
      return entry.possible.includes(null) ? [] : [`${entry.mark} was acknowledged and is missing.`];
    if (row.user !== entry.user) return [`${entry.mark} belongs to another user.`];
    if (entry.id !== undefined && row.id !== entry.id)
      return [`${entry.mark} has a different ID than the acknowledged one.`];
    const changes = row.version - 1;
    if (!entry.possible.includes(changes)) {
      return [
        `${entry.mark} has ${changes} changes. Expected: ${entry.possible.map(String).join(' or ')} (null: does not exist).`,
      ];
    }
    const { title, description, completed } = toFields(entry.mark, changes);
    const isComplete = row.title === title && row.description === description && row.completed === completed;
    return isComplete ? [] : [`${entry.mark} is partially written.`];
  }

  return {
    entries,
    add(user) {
      const entry: Entry = { user, mark: `Task ${entries.length} of ${user}`, id: undefined, possible: [] };
      entries.push(entry);
      return entry;
    },
    audit(rows) {
      const byMark = Map.groupBy(rows, ({ title }) => title.split(' after ', 1)[0]!);
      const problems = entries.flatMap((entry) => auditEntry(entry, byMark.get(entry.mark) ?? []));
      for (const { mark } of entries) byMark.delete(mark);
      return [...problems, ...[...byMark.keys()].map((mark) => `${mark} exists, but no client wrote it.`)];
    },
  };
}
