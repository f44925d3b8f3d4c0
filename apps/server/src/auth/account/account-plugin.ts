import type { BetterAuthPlugin } from 'better-auth';
import { createAuthMiddleware } from 'better-auth/api';
import { createMailRoutes, type MailRoutesOptions } from './mail-routes.ts';
import { createSessionRoutes } from './session-routes.ts';

/** Routes for accounts. A route with the name of one of the library replaces it. */
export function createAccountPlugin(options: MailRoutesOptions) {
  const { sendOnSignUp, ...mailRoutes } = createMailRoutes(options);
  return {
    id: 'account',
    endpoints: { ...mailRoutes, ...createSessionRoutes(options.store) },
    hooks: {
      after: [
        {
          matcher: ({ path }) => path === '/sign-up/email',
          handler: createAuthMiddleware(async ({ context: { newSession, internalAdapter } }) => {
            if (newSession) sendOnSignUp(internalAdapter, newSession.user);
          }),
        },
      ],
    },
  } satisfies BetterAuthPlugin;
}
