/** A task as it lies in the database. */
export interface Row {
  user: string;
  id: string;
  title: string;
  description: string | null;
  completed: boolean;
  version: number;
}

/** One task's history as its only writer knows it. */
export interface Entry {
  readonly user: string;
  /** Names the task and its user in every title that it is ever given, so that it is known where its id is not. */
  readonly mark: string;
  id: string | undefined;
  /** How often it has been changed; `null` where it is deleted or was never made. Several, where an answer was lost. */
  possible: (number | null)[];
}

/** What was written, what was acknowledged, and what nobody can know. */
export interface Ledger {
  readonly entries: readonly Entry[];
  /** Opens an entry for a task that is about to be made. */
  open(user: string): Entry;
  /** Everything that the database should not hold, or should and does not: a sentence each. */
  audit(rows: readonly Row[]): string[];
}

/** All fields follow from the mark and the number of changes, so that half a write shows. */
export function toFields(mark: string, changes: number) {
  const title = `${mark} after ${changes} changes`;
  return {
    title,
    description: `All there is to say about: ${title}. `.repeat(10).trim(),
    completed: changes % 2 === 1,
  };
}

export function createLedger(): Ledger {
  const entries: Entry[] = [];

  function auditEntry(entry: Entry, found: readonly Row[]): string[] {
    const [row, ...others] = found;
    if (others.length > 0) return [`${entry.mark} is there ${found.length} times`];
    if (row === undefined) return entry.possible.includes(null) ? [] : [`${entry.mark} was acknowledged and is gone`];
    if (row.user !== entry.user) return [`${entry.mark} belongs to another user`];
    if (entry.id !== undefined && row.id !== entry.id) return [`${entry.mark} has another id than was acknowledged`];
    const changes = row.version - 1;
    if (!entry.possible.includes(changes)) {
      return [
        `${entry.mark} has ${changes} changes, and ${entry.possible.map(String).join(' or ')} would be right (null: not there)`,
      ];
    }
    const { title, description, completed } = toFields(entry.mark, changes);
    const isWhole = row.title === title && row.description === description && row.completed === completed;
    return isWhole ? [] : [`${entry.mark} is half written`];
  }

  return {
    entries,
    open(user) {
      const entry: Entry = { user, mark: `Task ${entries.length} of ${user}`, id: undefined, possible: [] };
      entries.push(entry);
      return entry;
    },
    audit(rows) {
      const byMark = Map.groupBy(rows, ({ title }) => title.split(' after ', 1)[0]!);
      const problems = entries.flatMap((entry) => auditEntry(entry, byMark.get(entry.mark) ?? []));
      for (const { mark } of entries) byMark.delete(mark);
      return [...problems, ...[...byMark.keys()].map((mark) => `${mark} is there and nobody wrote it`)];
    },
  };
}
