import { type Caller, toTRPCError } from '@holdfast/api';
import { DatabaseUnavailableError, StatementTimeoutError } from '@holdfast/db';
import { TRPCError } from '@trpc/server';
import type { Request, Response, Router } from 'express';
import { createRemoteJWKSet } from 'jose';
import type { Sessions } from './sessions.ts';
import { createTokenCache } from './token-cache.ts';
import { createVerifyToken, KeysUnavailableError } from './tokens.ts';

/** Authentication of callers, and the routes for sign-in. */
export interface Auth {
  /**
   * Returns the caller of a request, or null if the request has no credentials.
   *
   * @throws TRPCError UNAUTHORIZED if the token is not valid, FORBIDDEN if a page of an untrusted origin uses the session
   * cookie, SERVICE_UNAVAILABLE if the token cannot be checked, GATEWAY_TIMEOUT if the check takes too long.
   */
  authenticate(req: Request, res: Response): Promise<Caller | null>;
  /** Null with an external issuer. */
  routes: Router | null;
}

/** Accepts the tokens of an external issuer and offers no sign-in. */
export function createExternalAuth(options: { issuer: string; audience: string; jwksUrl: string }): Auth {
  const keys = createRemoteJWKSet(new URL(options.jwksUrl));
  const verifyToken = createTokenCache(createVerifyToken({ ...options, keys }));
  return { authenticate: createAuthenticate({ verifyToken }), routes: null };
}

interface AuthenticateOptions {
  verifyToken: (token: string) => Promise<Caller | null>;
  sessions?: Sessions;
  /** Origins whose pages may use the session cookie. */
  origins?: Set<string>;
}

export function createAuthenticate({ verifyToken, sessions, origins }: AuthenticateOptions): Auth['authenticate'] {
  async function fromHeader(authorization: string): Promise<Caller | null> {
    const token = /^bearer +(\S+)$/i.exec(authorization)?.[1];
    if (token === undefined) return null;
    if (token.split('.').length === 3) return verifyToken(token);
    return (await sessions?.find({ authorization: `Bearer ${token}` }))?.caller ?? null;
  }

  async function fromCookie(cookie: string, res: Response): Promise<Caller | null> {
    const found = await sessions?.find({ cookie });
    for (const setCookie of found?.cookies ?? []) res.append('set-cookie', setCookie);
    return found?.caller ?? null;
  }

  return async (req, res) => {
    const { authorization, cookie, origin } = req.headers;
    const hasHeader = authorization !== undefined;
    if (!hasHeader && !(cookie && (await sessions?.hasSessionCookie(cookie)))) return null;
    // Browsers send the cookie with the requests of every page. They name the page's origin with each cross-origin write.
    const isUntrusted = !hasHeader && req.method !== 'GET' && origin !== undefined && !origins?.has(origin);
    if (isUntrusted) {
      throw new TRPCError({ code: 'FORBIDDEN', message: 'Origin not allowed. Add it to TRUSTED_ORIGINS.' });
    }
    const caller = await (hasHeader ? fromHeader(authorization) : fromCookie(cookie ?? '', res)).catch(rethrow);
    if (caller !== null) return caller;
    const message =
      hasHeader && !/^bearer /i.test(authorization)
        ? 'The authorization header needs a scheme. Send `Bearer <token>`.'
        : 'The token is not valid or has expired. Sign in again.';
    throw new TRPCError({ code: 'UNAUTHORIZED', message });
  };
}

function rethrow(cause: unknown): never {
  if (cause instanceof StatementTimeoutError || cause instanceof DatabaseUnavailableError) {
    throw toTRPCError(new TRPCError({ code: 'INTERNAL_SERVER_ERROR', cause }));
  }
  if (cause instanceof KeysUnavailableError) {
    throw new TRPCError({ code: 'SERVICE_UNAVAILABLE', message: cause.message, cause });
  }
  throw cause;
}
