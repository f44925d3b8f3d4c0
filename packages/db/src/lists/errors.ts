import { maxLists } from './conditions.ts';
import type { ListRecord } from './record.ts';

/** The list does not exist, is in the trash, or belongs to another user. The cases are indistinguishable. */
export class ListNotFoundError extends Error {
  override readonly name = 'ListNotFoundError';
  readonly code = 'LIST_NOT_FOUND';
  /** @param field The field of the input that names the list; null if the call is about the list itself. */
  constructor(field: 'listId' | 'moveTo' | `tasks.${number}.listId` | null) {
    super(field === null ? 'List not found.' : `${field}: List not found.`);
  }
}

/** The list has another version, or other content, than the caller expects. */
export class ListConflictError extends Error {
  override readonly name = 'ListConflictError';
  readonly code = 'LIST_CONFLICT';
  /** The stored list; null if it is in the trash or was purged. */
  readonly current: ListRecord | null;
  constructor(message: string, current: ListRecord | null) {
    super(message);
    this.current = current;
  }
}

/** The user has as many lists as a user can have. */
export class TooManyListsError extends Error {
  override readonly name = 'TooManyListsError';
  readonly code = 'TOO_MANY_LISTS';
  constructor() {
    super(`You have ${maxLists} lists, the maximum. Delete a list first.`);
  }
}
