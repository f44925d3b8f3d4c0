import { type ErrorCode, HoldfastError } from './errors.ts';

export type Fetch = typeof globalThis.fetch;

/** Names the user of a call whose session is a cookie. The server refuses it if the cookie belongs to another user. */
export const userHeader = 'x-holdfast-user';

/** Codes for responses of proxies, which have no error of Holdfast. */
const proxyCodes: Record<number, ErrorCode> = {
  413: 'PAYLOAD_TOO_LARGE',
  429: 'TOO_MANY_REQUESTS',
  502: 'BAD_GATEWAY',
  503: 'SERVICE_UNAVAILABLE',
  504: 'GATEWAY_TIMEOUT',
};

/** True if a response with this status means that the server applied no change. */
export function isRefusal(status: number): boolean {
  // 408 and 499 mean that a proxy or server stopped waiting. The outcome of the call is unknown.
  return status >= 400 && status < 499 && status !== 408;
}

/**
 * Wraps `fetch`: the result sends cookies only if the request names their user, or asks for them, and accepts only these content types, by default JSON.
 *
 * @throws HoldfastError (when called) if the response has another content type.
 */
export function createFetch(
  fetch: Fetch = (...request) => globalThis.fetch(...request),
  types = /^application\/(json|jsonl)\b/i,
): Fetch {
  return async (url, init) => {
    // Without cookies, a session cookie of an earlier visit cannot replace the client's token. Runtimes without cookies
    // do not know the option, and some reject it.
    const hasCookies = 'credentials' in Request.prototype;
    const credentials = init?.credentials ?? (userHeader in (init?.headers ?? {}) ? 'same-origin' : 'omit');
    const response = await fetch(url, { ...init, ...(hasCookies && { credentials }) });
    const type = response.headers.get('content-type') ?? '';
    if (types.test(type)) return response;
    await response.body?.cancel().catch(() => {});
    throw toForeignError(response, type);
  };
}

function toForeignError({ status, headers, url }: Response, type: string): HoldfastError {
  const code = proxyCodes[status] ?? 'UNEXPECTED_RESPONSE';
  const received = `${status}${type && `, ${type.split(';')[0]}`}`;
  return new HoldfastError({
    code,
    message:
      code === 'UNEXPECTED_RESPONSE'
        ? `${url.split('?')[0]} is not Holdfast (${received}). Check the \`url\` of the client.`
        : `A proxy responded instead of the server (${received}).`,
    isRetryable: isRefusal(status),
    requestId: headers.get('x-request-id'),
    retryAfterMs: toRetryAfterMs(headers),
  });
}

/** Milliseconds of the `retry-after` header. Undefined for a date, which Holdfast does not send. */
export function toRetryAfterMs(headers: Headers): number | undefined {
  const seconds = headers.get('retry-after') ?? '';
  return /^\d{1,6}$/.test(seconds) ? Number(seconds) * 1000 : undefined;
}
