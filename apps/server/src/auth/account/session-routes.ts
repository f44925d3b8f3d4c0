import type { AuthStore } from '@holdfast/db';
import { createAuthEndpoint, sensitiveSessionMiddleware } from 'better-auth/api';
import { z } from 'zod';

const sessionsMax = 100;
const uuid = z.uuid();

const revokeBody = z
  .object({ id: uuid, token: z.string() })
  .partial()
  .refine(({ id, token }) => id !== undefined || token !== undefined, { error: 'must have an id or a token' });

/**
 * Replace the library's routes, which send the tokens of all sessions. A script that gets into a page could use them
 * elsewhere.
 */
export function createSessionRoutes({ kysely }: AuthStore) {
  return {
    listSessions: createAuthEndpoint(
      '/list-sessions',
      { method: 'GET', use: [sensitiveSessionMiddleware] },
      async (context) => {
        const { session, user } = context.context.session;
        const rows = await kysely
          .selectFrom('session')
          // Apps of earlier versions send the token of a session to revoke it. The ID is accepted in its place.
          .select(['id', 'id as token', 'createdAt', 'updatedAt', 'expiresAt', 'ipAddress', 'userAgent', 'userId'])
          .select((is) => is('id', '=', session.id).as('isCurrent'))
          .where('userId', '=', user.id)
          .where('expiresAt', '>', new Date())
          .orderBy('updatedAt', 'desc')
          .limit(sessionsMax)
          .execute();
        return context.json(rows);
      },
    ),
    revokeSession: createAuthEndpoint(
      '/revoke-session',
      { method: 'POST', body: revokeBody, use: [sensitiveSessionMiddleware] },
      async (context) => {
        const { id, token = '' } = context.body;
        const given = id ?? token;
        await kysely
          .deleteFrom('session')
          .where('userId', '=', context.context.session.user.id)
          .where(uuid.safeParse(given).success ? 'id' : 'token', '=', given)
          .execute();
        return context.json({ status: true });
      },
    ),
  };
}
