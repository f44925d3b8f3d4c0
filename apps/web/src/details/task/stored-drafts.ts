/** A text that the user typed just before the page ended. */
export interface StoredDraft {
  userId: string;
  taskId: string;
  field: 'title' | 'description';
  /** The stored text when the user began to type. */
  base: string;
  text: string;
}

const prefix = 'holdfast draft ';

const toKey = ({ userId, taskId, field }: StoredDraft) => `${prefix}${userId} ${taskId} ${field}`;

/** Stores a draft at once, because the page may have no time for more. */
export function keepDraft(draft: StoredDraft): void {
  try {
    localStorage.setItem(toKey(draft), JSON.stringify(draft));
  } catch {
    // Without a storage, the write of the replica has to do.
  }
}

export function dropDraft(draft: StoredDraft): void {
  try {
    localStorage.removeItem(toKey(draft));
  } catch {
    // Nothing was stored either.
  }
}

/** Drafts of a user that an earlier page left behind. */
export function findDrafts(userId: string): StoredDraft[] {
  try {
    return Object.entries(localStorage)
      .filter(([key]) => key.startsWith(prefix + userId))
      .map(([, value]) => JSON.parse(String(value)) as StoredDraft);
  } catch {
    return [];
  }
}
