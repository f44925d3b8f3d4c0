import type { AuthStore } from '@holdfast/db';
import { createAuthMiddleware, getSessionFromCtx, isAPIError } from 'better-auth/api';
import { endLinks } from './account/links.ts';

/** Paths of the sign-in library that end sessions or tokens. */
const endingPaths = new Set([
  '/sign-out',
  '/revoke-session',
  '/revoke-token',
  '/revoke-sessions',
  '/revoke-other-sessions',
  '/change-password',
  '/reset-password',
  '/delete-user',
]);

/**
 * Runs after each route of the sign-in library. A changed password ends the user's other sessions, unless the request says
 * otherwise. If it asks for that, the library itself ends them and replaces the current session too.
 */
export function createEndSessions(store: AuthStore, onSessionsEnded: () => Promise<void>) {
  return createAuthMiddleware(async (context) => {
    const { path, body } = context as { path: string; body?: { revokeOtherSessions?: boolean } };
    if (!endingPaths.has(path) || isAPIError(context.context.returned)) return;
    const current = path === '/change-password' ? await getSessionFromCtx(context) : null;
    if (current) {
      await endLinks(store, current.user.id);
      if (body?.revokeOtherSessions === undefined) {
        await store.kysely
          .deleteFrom('session')
          .where('userId', '=', current.user.id)
          .where('id', '!=', current.session.id)
          .execute();
      }
    }
    await onSessionsEnded();
  });
}
