import { DatabaseUnavailableError, InvalidValueError } from '@holdfast/db';
import { readBody } from '@holdfast/trpc-express';
import { TRPCError } from '@trpc/server';
import { type Request as ExpressRequest, type RequestHandler, type Response as ExpressResponse, Router } from 'express';
import type { ToShare } from '../peers/place.ts';
import { toTooManyRequests } from '../rate-limit.ts';
import { canBeSessionToken, readBearer } from '../request/bearer.ts';
import { clientAddressHeader, toClientAddress, toNetwork } from '../request/client-address.ts';
import { createClosedSignal } from '../request/closed-signal.ts';
import { Gate } from '../request/gate.ts';
import { signInBodyBytesMax } from '../request/limits.ts';
import { assertUtf8 } from '../request/utf8.ts';
import { withoutFormer, toLibraryCookie } from './cookie-names.ts';
import { type HashClient, hashForClient } from './password-hash.ts';
import { isProviderCallback, isRedirect, toFailurePage } from './providers/callback.ts';
import type { ProviderName } from './providers/providers.ts';
import { callSignIn } from './sign-in-failure.ts';
import type { SignIn } from './sign-in.ts';
import { assertShortHosts } from './throttles/long-hosts.ts';

export interface SignInRoutesOptions {
  publicUrl: string;
  providers: ProviderName[];
  /** Maximum number of sign-ups at a time. Further ones wait in order. */
  signUpsMax: number;
  toShare: ToShare;
  /** Throws if the request is meant for another user than that of its session. */
  assertNamedUser(req: ExpressRequest, res: ExpressResponse): Promise<void>;
}

/** The routes that clients use. The library has more, which are not reachable. */
const routes = {
  GET: ['account', 'get-session', 'jwks', 'list-sessions', 'list-tokens', 'ok', 'token'],
  POST: [
    'change-email',
    'change-password',
    'create-token',
    'request-password-reset',
    'reset-password',
    'revoke-other-sessions',
    'revoke-session',
    'revoke-sessions',
    'revoke-token',
    'send-verification-email',
    'sign-in/email',
    'sign-out',
    'sign-up/email',
    'two-factor/confirm',
    'two-factor/disable',
    'two-factor/enable',
    'two-factor/generate-backup-codes',
    'two-factor/verify-backup-code',
    'two-factor/verify-totp',
    'update-user',
    'verify-email',
  ],
};

const base = '/api/auth/';

/** The routes below `/api/auth`. Passes all other paths to the next handler. */
export function createSignInRoutes(signIn: SignIn, options: SignInRoutesOptions): Router {
  const handler = createHandler(signIn, options);
  const router = Router({ caseSensitive: true, strict: true });
  const { providers } = options;
  const gets = [...routes.GET, ...providers.map((provider) => `callback/${provider}`)];
  const posts = [...routes.POST, ...(providers.length > 0 ? ['sign-in/social'] : [])];
  for (const name of gets) router.get(base + name, handler).all(base + name, toMethodRefusal('GET, HEAD'));
  for (const name of posts) router.post(base + name, handler).all(base + name, toMethodRefusal('POST'));
  // Express rejects paths that it cannot decode.
  return router.all(`${base}*splat`, (_req, _res, next) => next());
}

function toMethodRefusal(allow: string): RequestHandler {
  return (_req, res) => {
    res.setHeader('allow', allow);
    throw new TRPCError({ code: 'METHOD_NOT_SUPPORTED', message: `Method not supported. Use ${allow}.` });
  };
}

const signUpPath = `${base}sign-up/email`;

/** Sign-ups that may wait. Each one before it takes about 50 ms. */
const waitingSignUpsMax = 60;

/** Only these responses contain the session. A malicious script in a page has no password, and must not get the session either. */
const signsIn = /^\/api\/auth\/(?:sign-(?:in|up)\/email|two-factor\/verify-[a-z-]+)$/;

/** Paths for which the library makes one change, or several in one transaction. */
const isAtomic = /^\/api\/auth\/(?:sign-up\/email|sign-in\/email|sign-out)$/;

/**
 * Removes `isRetryable` from an error. It means that the failed change was not applied, but earlier changes of the same
 * request may have been applied.
 */
function withoutRetryable(error: unknown): unknown {
  if (!(error instanceof DatabaseUnavailableError)) return error;
  return new DatabaseUnavailableError({ message: error.message, cause: error.cause });
}

function createHandler(
  signIn: SignIn,
  { publicUrl, signUpsMax, toShare, assertNamedUser }: SignInRoutesOptions,
): RequestHandler {
  // A sign-up is one transaction, and occupies a connection until it ends.
  const signUps = new Gate({ runningMax: signUpsMax, waitingMax: toShare(waitingSignUpsMax) }, toTooManySignUps);

  async function handle(req: ExpressRequest, body: string | null): Promise<Response> {
    const isExpected = isProviderCallback(req) ? isRedirect : undefined;
    const handleOnce = () => callSignIn(() => signIn.handler(toRequest(req, { publicUrl, body })), isExpected);
    try {
      return await handleOnce();
    } catch (error) {
      // Another request has just taken the address. The library finds it on the second attempt.
      if (error instanceof InvalidValueError && error.constraint === 'user_email_key') return handleOnce();
      throw isAtomic.test(req.path) ? error : withoutRetryable(error);
    }
  }

  async function handleInTurn(req: ExpressRequest, body: string | null, client: HashClient): Promise<Response> {
    if (req.path !== signUpPath) return handle(req, body);
    client.endTurn?.();
    await signUps.enter(client.signal, client.key);
    try {
      return await handle(req, body);
    } finally {
      signUps.leave();
    }
  }

  return async (req, res, next) => {
    assertShortHosts(req);
    const body = req.method === 'POST' ? await readText(req, res) : null;
    const signal = createClosedSignal(res);
    const endTurn = await res.locals.waitForTurn?.(signal);
    await assertNamedUser(req, res);
    const client = { signal, key: toNetwork(toClientAddress(req.ip)), endTurn };
    const response = await hashForClient(client, () => handleInTurn(req, body, client)).catch((error: unknown) => {
      if (isProviderCallback(req)) return toFailurePage(error, { res, publicUrl });
      throw error;
    });
    const content = Buffer.from(await response.arrayBuffer());
    if (content.length === 0 && response.status === 404) return next();
    const retryAfter = response.headers.get('x-retry-after');
    if (retryAfter !== null) {
      // The library's own 429 response is declared as plain text, which clients take for a proxy's.
      throw toTooManyRequests('Too many attempts from this address. Try again later.', Number(retryAfter) * 1000);
    }
    // The server sets this list for all routes.
    response.headers.delete('access-control-expose-headers');
    if (req.headers.authorization === undefined && !signsIn.test(req.path)) response.headers.delete('set-auth-token');
    const setCookies = withoutFormer(response.headers.getSetCookie(), req.headers.cookie);
    res.status(response.status).setHeaders(response.headers);
    if (setCookies.length > 0) res.setHeader('set-cookie', setCookies);
    if (content.length > 0) return void res.end(content);
    res.json(response.status < 400 ? {} : toEmptyError(response.status));
  };
}

/** The library sends some errors without a body. Clients read the code and the message from it. */
const toEmptyError = (status: number) =>
  status === 401
    ? { code: 'UNAUTHORIZED', message: 'You are not signed in. Sign in first.' }
    : { code: 'REFUSED', message: `The request was refused with status ${status}.` };

function toTooManySignUps(): TRPCError {
  return toTooManyRequests('Too many sign-ups at the moment. Try again later.', 2000);
}

/** @throws TRPCError UNSUPPORTED_MEDIA_TYPE, PAYLOAD_TOO_LARGE, BAD_REQUEST. */
async function readText(req: ExpressRequest, res: ExpressResponse): Promise<string> {
  if (!/^(?:identity)?$/i.test(req.headers['content-encoding'] ?? '')) {
    const message = 'Compressed bodies are not supported. Send the body without content-encoding.';
    throw new TRPCError({ code: 'UNSUPPORTED_MEDIA_TYPE', message });
  }
  if (Number(req.headers['content-length'] ?? 0) > signInBodyBytesMax) throw toTooLarge();
  const body = await readBody({ req, res, maxSize: signInBodyBytesMax }).catch(() => {
    throw toTooLarge();
  });
  assertUtf8(body);
  const [, charset = 'utf-8'] = /;\s*charset="?([^";\s]+)/i.exec(req.headers['content-type'] ?? '') ?? [];
  if (!/^(?:utf-?8|us-ascii)$/i.test(charset)) {
    throw new TRPCError({
      code: 'UNSUPPORTED_MEDIA_TYPE',
      message: 'The charset of the body is not supported. Send UTF-8.',
    });
  }
  return body.toString();
}

function toTooLarge(): TRPCError {
  return new TRPCError({ code: 'PAYLOAD_TOO_LARGE', message: 'Request body too large. Send at most 16 KiB.' });
}

interface Target {
  publicUrl: string;
  body: string | null;
}

/** The headers that the library reads. It copies all that it receives several times. */
const libraryHeaders = [
  'authorization',
  'content-type',
  'cookie',
  'origin',
  'referer',
  'sec-fetch-dest',
  'sec-fetch-mode',
  'sec-fetch-site',
  'user-agent',
];

/** Uses the server's own origin, and ignores `Host` and `X-Forwarded-*`. */
function toRequest(req: ExpressRequest, { publicUrl, body }: Target): Request {
  const headers = new Headers();
  for (const name of libraryHeaders) {
    const value = req.get(name);
    if (value !== undefined) headers.set(name, value);
  }
  headers.set(clientAddressHeader, toClientAddress(req.ip));
  // As for calls, the cookie does not count beside another credential. Checks would read one, and the library the other.
  const [authorization, cookie] = [headers.get('authorization'), headers.get('cookie')];
  if (authorization !== null) {
    headers.delete('cookie');
    // In one form, since the library accepts more forms than the checks before it.
    const token = readBearer(authorization);
    if (token === undefined || !canBeSessionToken(token)) headers.delete('authorization');
    else headers.set('authorization', `Bearer ${token}`);
  } else if (cookie !== null) headers.set('cookie', toLibraryCookie(cookie));
  // Node's fetch sends a mode as pages do. Only browsers also send the site, and only their requests need the check.
  if (!headers.has('sec-fetch-site')) headers.delete('sec-fetch-mode');
  return new Request(publicUrl + req.originalUrl, { method: req.method, headers, body });
}
