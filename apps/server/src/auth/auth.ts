import { type Account, type Caller, toTRPCError } from '@holdfast/api';
import {
  type AuthStore,
  DatabaseUnavailableError,
  eraseUser,
  readEndedAccess,
  StatementTimeoutError,
} from '@holdfast/db';
import { TRPCError } from '@trpc/server';
import type { Request, Response, Router } from 'express';
import { createRemoteJWKSet } from 'jose';
import type { Peers } from '../peers/peers.ts';
import { canBeSessionToken, readBearer } from '../request/bearer.ts';
import { type ApiTokens, isApiToken } from './api-tokens/api-tokens.ts';
import { createCachedKeys, KeysUnavailableError } from './cached-keys.ts';
import { createEndedAccess, type EndedAccess, type RequestCredential } from './ended-access.ts';
import type { Sessions } from './sessions.ts';
import { callSignIn } from './sign-in-failure.ts';
import { createTokenCache } from './token-cache.ts';
import { createVerifyToken, type TokenOptions, type VerifyToken } from './tokens.ts';

declare global {
  // oxlint-disable-next-line typescript/no-namespace -- Express declares the type of `res.locals` in this namespace.
  namespace Express {
    interface Locals {
      /** The credential of the caller. */
      credential?: RequestCredential;
    }
  }
}

/** Returns the account of a caller. @param signal Ends the check of a password. */
export type OpenAccount = (credential: RequestCredential, signal: AbortSignal) => Account;

/** Authentication of callers, and the routes for sign-in. */
export interface Auth {
  /**
   * Returns the caller of a request, or null if the request has no credentials.
   *
   * @throws TRPCError UNAUTHORIZED if the token is not valid, or belongs to another user than the request names, FORBIDDEN if a page
   * of an untrusted origin uses the session cookie, SERVICE_UNAVAILABLE if the token cannot be checked, GATEWAY_TIMEOUT if the check
   * takes too long.
   */
  authenticate(req: Request, res: Response): Promise<Caller | null>;
  /** Whether `authenticate` must look up a session or an API token. It need not for a JWT, or for one that it remembers. */
  needsLookup(req: Request): boolean;
  readonly endedAccess: EndedAccess;
  readonly openAccount: OpenAccount;
  /** Null with an external issuer. */
  routes: Router | null;
}

export interface ExternalAuthOptions extends Pick<TokenOptions, 'issuer' | 'audience' | 'subjects'> {
  jwksUrl: string;
  store: AuthStore;
  /** The other workers. Null if this process is the whole server. */
  peers: Peers | null;
}

/** Accepts the tokens of an external issuer and offers no sign-in. */
export function createExternalAuth({ jwksUrl, store, peers, ...token }: ExternalAuthOptions): Auth {
  const remote = createRemoteJWKSet(new URL(jwksUrl));
  const load = async () => {
    await remote.reload();
    return remote.jwks()!;
  };
  const keys = createCachedKeys({ load, issuer: token.issuer, intervalMs: 5000, maxAgeMs: 600_000 });
  const verifyToken = createTokenCache(createVerifyToken({ ...token, keys, hasSessions: false }));
  const { endedAccess, invalidate } = openEndedAccess(store, peers);
  const openAccount = createExternalAccounts({ store, onErased: invalidate });
  const { authenticate, needsLookup } = createAuthenticate({ verifyToken, endedAccess });
  return { authenticate, needsLookup, endedAccess, openAccount, routes: null };
}

export interface ExternalAccountsOptions {
  store: AuthStore;
  /** Called after the user was erased. */
  onErased: () => Promise<void>;
}

/** Accounts of another issuer. A deletion removes the data on this server. The account at the issuer remains. */
export function createExternalAccounts({ store, onErased }: ExternalAccountsOptions): OpenAccount {
  return ({ caller: { userId } }) => ({
    confirm: async () => 'confirmed',
    async erase() {
      await eraseUser(store, userId);
      await onErased();
    },
  });
}

export interface OpenedEndedAccess {
  endedAccess: EndedAccess;
  /** Ends access in all workers. Call it after a session has ended. */
  invalidate(): Promise<void>;
}

/** The ended access of a database. */
export function openEndedAccess(store: AuthStore, peers: Peers | null): OpenedEndedAccess {
  const endedAccess = createEndedAccess((position) => callSignIn(() => readEndedAccess(store, position)));
  const topic = 'access ended';
  peers?.on(topic, () => endedAccess.invalidate());
  return {
    endedAccess,
    async invalidate() {
      endedAccess.invalidate();
      await peers?.ask(topic, null);
    },
  };
}

interface AuthenticateOptions {
  verifyToken: VerifyToken;
  endedAccess: EndedAccess;
  sessions?: Sessions;
  apiTokens?: ApiTokens;
  /** Origins whose pages may use the session cookie. */
  origins?: Set<string>;
}

export interface Authenticate extends Pick<Auth, 'authenticate' | 'needsLookup'> {
  /**
   * For routes that work without a caller.
   *
   * @throws TRPCError UNAUTHORIZED if the request names a user, and has a credential of another one.
   */
  assertNamedUser(req: Request, res: Response): Promise<void>;
}

/** The sessions or API tokens that this process remembers. */
type Memory = Pick<Sessions | ApiTokens, 'findCached' | 'forget'>;

/**
 * The user that a page expects. After a sign-in in another tab, the cookie belongs to another user, and the requests of this page
 * must not run as that user.
 */
const userHeader = 'x-holdfast-user';

function assertNamed({ headers }: Request, { userId }: Caller): void {
  const named = headers[userHeader];
  if (named === undefined || named === userId) return;
  throw new TRPCError({ code: 'UNAUTHORIZED', message: 'Another user is signed in. Reload the page.' });
}

export function createAuthenticate(options: AuthenticateOptions): Authenticate {
  const { verifyToken, endedAccess, sessions, apiTokens, origins } = options;

  async function fromHeader(authorization: string): Promise<RequestCredential | null> {
    const token = readBearer(authorization);
    if (token === undefined) return null;
    if (isApiToken(token)) return fromApiToken(token);
    if (token.split('.').length === 3) return verifyToken(token);
    if (!canBeSessionToken(token)) return null;
    return (await sessions?.find({ authorization: `Bearer ${token}` }))?.credential ?? null;
  }

  async function fromApiToken(token: string): Promise<RequestCredential | null> {
    return (await recall(apiTokens, token)) ?? (await apiTokens?.find(token)) ?? null;
  }

  async function fromCookie(cookie: string, res: Response): Promise<RequestCredential | null> {
    const cached = await recall(sessions, cookie);
    if (cached !== undefined) return cached;
    const found = await sessions?.find({ cookie });
    for (const setCookie of found?.cookies ?? []) res.append('set-cookie', setCookie);
    return found?.credential ?? null;
  }

  /** The remembered credential, if its access has not ended. */
  async function recall(memory: Memory | undefined, given: string): Promise<RequestCredential | undefined> {
    const cached = memory?.findCached(given);
    if (cached === undefined || !(await isEnded(cached))) return cached;
    // After many ends at once, those of other credentials count too. The lookup decides.
    memory!.forget(given);
    return undefined;
  }

  async function isEnded(credential: RequestCredential): Promise<boolean> {
    const refreshed = endedAccess.refresh();
    if (refreshed !== undefined) await refreshed;
    return endedAccess.isEnded(credential);
  }

  async function findCaller({ authorization, cookie }: Request['headers'], res: Response): Promise<Caller | null> {
    const credential = await (authorization === undefined ? fromCookie(cookie ?? '', res) : fromHeader(authorization));
    if (credential === null || (await isEnded(credential))) return null;
    res.locals.credential = credential;
    return credential.caller;
  }

  return {
    needsLookup({ headers: { authorization, cookie } }) {
      if (authorization === undefined) return cookie !== undefined && sessions?.findCached(cookie) === undefined;
      // A JWT. No other token has three parts.
      if (authorization.split('.').length === 3) return false;
      const token = readBearer(authorization);
      if (token === undefined || !isApiToken(token)) return true;
      return apiTokens !== undefined && apiTokens.isPossible(token) && apiTokens.findCached(token) === undefined;
    },
    async authenticate(req, res) {
      const { authorization, cookie, origin } = req.headers;
      const hasHeader = authorization !== undefined;
      if (!hasHeader && !(cookie && (await sessions?.hasSessionCookie(cookie)))) return null;
      // Browsers send the cookie with the requests of every page. They name the page's origin with each cross-origin write.
      const isUntrusted = !hasHeader && req.method !== 'GET' && origin !== undefined && !origins?.has(origin);
      if (isUntrusted) {
        throw new TRPCError({ code: 'FORBIDDEN', message: 'Origin not allowed. Add it to TRUSTED_ORIGINS.' });
      }
      const caller = await findCaller(req.headers, res).catch(rethrow);
      if (caller !== null) {
        assertNamed(req, caller);
        return caller;
      }
      const message =
        hasHeader && !/^bearer /i.test(authorization)
          ? 'The authorization header needs a scheme. Send `Bearer <token>`.'
          : 'The token is not valid or has expired. Sign in again.';
      throw new TRPCError({ code: 'UNAUTHORIZED', message });
    },
    async assertNamedUser(req, res) {
      if (req.headers[userHeader] === undefined) return;
      const caller = await findCaller(req.headers, res).catch(rethrow);
      if (caller !== null) assertNamed(req, caller);
    },
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
