import type { BetterAuthPlugin } from 'better-auth';
import { createAuthMiddleware, isAPIError } from 'better-auth/api';
import { createTokenRoutes } from '../api-tokens/token-routes.ts';
import { createMailRoutes, type MailRoutesOptions } from './mail-routes.ts';
import { createSessionRoutes } from './session-routes.ts';

interface HookInput {
  request?: Request | undefined;
  headers?: Headers | undefined;
}

interface SessionResponse {
  session: { id: string };
}

/** Scripts that have only the cookie do not get the session's token. */
function hideToken(returned: unknown): unknown {
  const found = returned as Partial<SessionResponse> | null | undefined;
  return found?.session && { ...found, session: { ...found.session, token: found.session.id } };
}

/** The library sends the new session after a change of the password. Pages have it in their cookie. */
const withoutToken = (returned: unknown) =>
  returned && !isAPIError(returned) ? { ...returned, token: null } : undefined;

const isFromPage = ({ request, headers }: HookInput) => request !== undefined && !headers?.has('authorization');

/** Routes for accounts. A route with the name of one of the library replaces it. */
export function createAccountPlugin(options: MailRoutesOptions) {
  return {
    id: 'account',
    endpoints: { ...createMailRoutes(options), ...createSessionRoutes(options.store), ...createTokenRoutes(options) },
    hooks: {
      after: [
        {
          matcher: (context) => context.path === '/get-session' && isFromPage(context),
          handler: createAuthMiddleware(async (context) => hideToken(context.context.returned)),
        },
        {
          matcher: (context) => context.path === '/change-password' && isFromPage(context),
          handler: createAuthMiddleware(async (context) => withoutToken(context.context.returned)),
        },
      ],
    },
  } satisfies BetterAuthPlugin;
}
