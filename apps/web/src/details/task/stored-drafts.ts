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

/** Null if the stored text is no draft. */
function parseDraft(stored: string): StoredDraft | null {
  try {
    const draft = JSON.parse(stored) as StoredDraft | null;
    const texts = [draft?.userId, draft?.taskId, draft?.base, draft?.text];
    const isDraft = texts.every((text) => typeof text === 'string') && /^(?:title|description)$/.test(draft!.field);
    return isDraft ? draft : null;
  } catch {
    return null;
  }
}

/** Drafts of a user that an earlier page left behind. */
export function findDrafts(userId: string): StoredDraft[] {
  try {
    return Object.entries(localStorage)
      .filter(([key]) => key.startsWith(prefix + userId))
      .flatMap(([, stored]) => parseDraft(String(stored)) ?? []);
  } catch {
    return [];
  }
}
