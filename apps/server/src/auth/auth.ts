import { type Caller, toTRPCError } from '@holdfast/api';
import { DatabaseUnavailableError, StatementTimeoutError } from '@holdfast/db';
import { TRPCError } from '@trpc/server';
import type { Request, Response, Router } from 'express';
import { createRemoteJWKSet } from 'jose';
import type { Sessions } from './sessions.ts';
import { createTokenCache } from './token-cache.ts';
import { createVerifyToken, KeysUnavailableError } from './tokens.ts';

/** Who is calling, and the routes where one becomes somebody. */
export interface Auth {
  /**
   * The caller of a request, null where it bears no token at all.
   *
   * @throws TRPCError UNAUTHORIZED for a wrong token, FORBIDDEN for a foreign page that uses the session cookie,
   * SERVICE_UNAVAILABLE when the token cannot be checked, GATEWAY_TIMEOUT when that takes too long.
   */
  authenticate(req: Request, res: Response): Promise<Caller | null>;
  /** Null with an outside issuer. */
  routes: Router | null;
}

/** Another issuer's tokens, and no sign-in here. */
export function createOutsideAuth(options: { issuer: string; audience: string; jwksUrl: string }): Auth {
  const keys = createRemoteJWKSet(new URL(options.jwksUrl));
  const verifyToken = createTokenCache(createVerifyToken({ ...options, keys }));
  return { authenticate: createAuthenticate({ verifyToken }), routes: null };
}

interface Means {
  verifyToken: (token: string) => Promise<Caller | null>;
  sessions?: Sessions;
  /** Whose pages may use the session cookie. */
  origins?: Set<string>;
}

export function createAuthenticate({ verifyToken, sessions, origins }: Means): Auth['authenticate'] {
  async function fromHeader(authorization: string): Promise<Caller | null> {
    const token = /^bearer +(\S+)$/i.exec(authorization)?.[1];
    if (token === undefined) return null;
    if (token.split('.').length === 3) return verifyToken(token);
    return (await sessions?.find({ authorization: `Bearer ${token}` }))?.caller ?? null;
  }

  async function fromCookie(cookie: string, res: Response): Promise<Caller | null> {
    const found = await sessions?.find({ cookie });
    for (const renewed of found?.cookies ?? []) res.append('set-cookie', renewed);
    return found?.caller ?? null;
  }

  return async (req, res) => {
    const { authorization, cookie, origin } = req.headers;
    const isHeader = authorization !== undefined;
    if (!isHeader && !(cookie && (await sessions?.isClaimedBy(cookie)))) return null;
    // A browser sends the cookie along whichever page asks; of a foreign page it names the origin with every write.
    const isForeign = !isHeader && req.method !== 'GET' && origin !== undefined && !origins?.has(origin);
    if (isForeign) throw new TRPCError({ code: 'FORBIDDEN', message: 'This page may not act for its visitors here.' });
    const caller = await (isHeader ? fromHeader(authorization) : fromCookie(cookie ?? '', res)).catch(refuse);
    if (caller !== null) return caller;
    throw new TRPCError({ code: 'UNAUTHORIZED', message: 'The token is not valid, or no longer: sign in again.' });
  };
}

function refuse(cause: unknown): never {
  if (cause instanceof StatementTimeoutError || cause instanceof DatabaseUnavailableError) {
    throw toTRPCError(new TRPCError({ code: 'INTERNAL_SERVER_ERROR', cause }));
  }
  if (cause instanceof KeysUnavailableError) {
    throw new TRPCError({ code: 'SERVICE_UNAVAILABLE', message: cause.message, cause });
  }
  throw cause;
}
