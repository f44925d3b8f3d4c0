import { DatabaseUnavailableError, InvalidValueError } from '@holdfast/db';
import { fromNodeHeaders } from 'better-auth/node';
import { type Request as Incoming, type RequestHandler, Router, text } from 'express';
import { toTooManyRequests } from '../rate-limit.ts';
import { toClientAddress } from '../request/client-address.ts';
import { bodyBytesMax } from '../request/limits.ts';
import { assertUtf8 } from '../request/utf8.ts';
import { monitorSignIn } from './sign-in-failure.ts';
import { clientAddressHeader, type SignIn } from './sign-in.ts';

/** The routes below `/api/auth`. What the library does not know goes on to the next handler. */
export function createSignInRoutes(signIn: SignIn, publicUrl: string): Router {
  const path = '/api/auth/*splat';
  const answer = createAnswer(signIn, publicUrl);
  return Router()
    .get(path, answer)
    .post(
      path,
      text({ type: () => true, limit: bodyBytesMax, verify: (_req, _res, body) => assertUtf8(body) }),
      answer,
    );
}

/** What the library does as one change or one transaction. */
const isOneChange = /^\/api\/auth\/(?:sign-up\/email|sign-in\/email|sign-out)$/;

/** Where there are several changes, that the last one was not made tells nothing of those before. */
function withoutOutcome(error: unknown): unknown {
  if (!(error instanceof DatabaseUnavailableError)) return error;
  return new DatabaseUnavailableError({ message: error.message, cause: error.cause });
}

function createAnswer(signIn: SignIn, publicUrl: string): RequestHandler {
  async function ask(req: Incoming): Promise<Response> {
    const askOnce = () => monitorSignIn(() => signIn.handler(toRequest(req, publicUrl)));
    try {
      return await askOnce();
    } catch (error) {
      // Somebody else was faster by a moment, whom the library now finds.
      if (error instanceof InvalidValueError && error.constraint === 'user_email_key') return askOnce();
      throw isOneChange.test(req.path) ? error : withoutOutcome(error);
    }
  }

  return async (req, res, next) => {
    const response = await ask(req);
    // What it knows it answers in JSON.
    const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
    if (response.status === 404 && !isJson) return next();
    const retryAfter = response.headers.get('x-retry-after');
    if (retryAfter !== null) {
      // The library's own refusal says that it is plain text, which clients take for a proxy's.
      const message = 'Too many tries from this address in a minute: try again later.';
      throw toTooManyRequests(message, Number(retryAfter) * 1000);
    }
    // The list of headers that pages may read is the whole server's.
    response.headers.delete('access-control-expose-headers');
    res.status(response.status).setHeaders(response.headers);
    res.end(Buffer.from(await response.arrayBuffer()));
  };
}

/** The origin is our own, whatever Host and X-Forwarded-* say. */
function toRequest(req: Incoming, publicUrl: string): Request {
  const headers = fromNodeHeaders(req.headers);
  headers.set(clientAddressHeader, toClientAddress(req.ip));
  // Node's fetch names a mode as if it were a page. A browser names the site as well, and only those are to be checked.
  if (!headers.has('sec-fetch-site')) headers.delete('sec-fetch-mode');
  const body = typeof req.body === 'string' ? req.body : null;
  return new Request(publicUrl + req.originalUrl, { method: req.method, headers, body });
}
