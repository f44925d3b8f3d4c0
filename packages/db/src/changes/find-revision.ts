import { internalsOf, type UserScope } from '../scope/user-scope.ts';
import { toPlace } from './position.ts';

/**
 * Returns the revision that a client has reached with a cursor of `listChanges`. Null within a copy.
 *
 * @throws InvalidCursorError for a cursor of another user.
 */
export function findRevision(scope: UserScope, cursor: string): number | null {
  const { userId } = scope;
  const place = toPlace({ cursorKey: internalsOf(scope).cursorKey, userId }, cursor);
  return place.in === 'log' ? Number(place.revision) : null;
}
