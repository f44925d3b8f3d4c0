import { DatabaseUnavailableError, InvalidValueError } from '@holdfast/db';
import { fromNodeHeaders } from 'better-auth/node';
import { type Request as ExpressRequest, type RequestHandler, Router, text } from 'express';
import pLimit from 'p-limit';
import { toTooManyRequests } from '../rate-limit.ts';
import { toClientAddress } from '../request/client-address.ts';
import { bodyBytesMax } from '../request/limits.ts';
import { assertUtf8 } from '../request/utf8.ts';
import { callSignIn } from './sign-in-failure.ts';
import { clientAddressHeader, type SignIn } from './sign-in.ts';

export interface SignInRoutesOptions {
  publicUrl: string;
  /** Maximum number of sign-ups at a time. Further ones wait in order. */
  signUpsMax: number;
}

/** The routes below `/api/auth`. Passes paths that the library does not know to the next handler. */
export function createSignInRoutes(signIn: SignIn, options: SignInRoutesOptions): Router {
  const path = '/api/auth/*splat';
  const handler = createHandler(signIn, options);
  return Router()
    .get(path, handler)
    .post(
      path,
      text({ type: () => true, limit: bodyBytesMax, verify: (_req, _res, body) => assertUtf8(body) }),
      handler,
    );
}

const signUpPath = '/api/auth/sign-up/email';

/** Paths for which the library makes one change, or several in one transaction. */
const isAtomic = /^\/api\/auth\/(?:sign-up\/email|sign-in\/email|sign-out)$/;

/** After several separate changes, `isRetryable` of the last one says nothing about the earlier ones. */
function withoutRetryable(error: unknown): unknown {
  if (!(error instanceof DatabaseUnavailableError)) return error;
  return new DatabaseUnavailableError({ message: error.message, cause: error.cause });
}

function createHandler(signIn: SignIn, { publicUrl, signUpsMax }: SignInRoutesOptions): RequestHandler {
  // A sign-up is one transaction, and occupies a connection while the password is hashed.
  const limitSignUps = pLimit(signUpsMax);

  async function handle(req: ExpressRequest): Promise<Response> {
    const handleOnce = () => callSignIn(() => signIn.handler(toRequest(req, publicUrl)));
    try {
      return await handleOnce();
    } catch (error) {
      // Another request has just taken the address. The library finds it on the second attempt.
      if (error instanceof InvalidValueError && error.constraint === 'user_email_key') return handleOnce();
      throw isAtomic.test(req.path) ? error : withoutRetryable(error);
    }
  }

  return async (req, res, next) => {
    const response = await (req.path === signUpPath ? limitSignUps(handle, req) : handle(req));
    // The library's own 404 responses are JSON; those for unknown paths are not.
    const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
    if (response.status === 404 && !isJson) return next();
    const retryAfter = response.headers.get('x-retry-after');
    if (retryAfter !== null) {
      // The library's own 429 response is declared as plain text, which clients take for a proxy's.
      throw toTooManyRequests('Too many attempts from this address. Try again later.', Number(retryAfter) * 1000);
    }
    // The server sets this list for all routes.
    response.headers.delete('access-control-expose-headers');
    res.status(response.status).setHeaders(response.headers);
    res.end(Buffer.from(await response.arrayBuffer()));
  };
}

/** Uses the server's own origin, and ignores `Host` and `X-Forwarded-*`. */
function toRequest(req: ExpressRequest, publicUrl: string): Request {
  const headers = fromNodeHeaders(req.headers);
  headers.set(clientAddressHeader, toClientAddress(req.ip));
  // Node's fetch sends a mode as pages do. Only browsers also send the site, and only their requests need the check.
  if (!headers.has('sec-fetch-site')) headers.delete('sec-fetch-mode');
  const body = typeof req.body === 'string' ? req.body : null;
  return new Request(publicUrl + req.originalUrl, { method: req.method, headers, body });
}
