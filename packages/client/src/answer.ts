import type { ErrorData } from '@holdfast/api/client';
import { Failure, type FailureDetails } from './errors.ts';

export type Fetch = typeof globalThis.fetch;

/** What proxies say in a language of their own. */
const proxyCodes: Record<number, FailureDetails['code']> = {
  413: 'PAYLOAD_TOO_LARGE',
  429: 'TOO_MANY_REQUESTS',
  502: 'BAD_GATEWAY',
  503: 'SERVICE_UNAVAILABLE',
  504: 'GATEWAY_TIMEOUT',
};

/** Whether an answer of this status means that nothing was changed. */
export function isRefusal(status: number): boolean {
  // 408 and 499 say that somebody stopped waiting, not what became of the call.
  return status >= 400 && status < 499 && status !== 408;
}

/**
 * The same `fetch`, which keeps the page's cookies to itself and lets through nothing but JSON.
 *
 * @throws (when called) a Failure where something else than Holdfast answers.
 */
export function createFetch(fetch: Fetch = (...request) => globalThis.fetch(...request)): Fetch {
  return async (url, init) => {
    // The session is the one that is handed in, never one that the browser remembers of another visit. Runtimes
    // without cookies do not know the option, and some refuse it.
    const isBrowserLike = 'credentials' in Request.prototype;
    const response = await fetch(url, { ...init, ...(isBrowserLike && { credentials: 'omit' }) });
    const type = response.headers.get('content-type') ?? '';
    if (/^application\/(json|jsonl)\b/i.test(type)) return response;
    await response.body?.cancel().catch(() => {});
    throw toForeignResponse(response, type);
  };
}

function toForeignResponse({ status, headers, url }: Response, type: string): Failure {
  const code = proxyCodes[status] ?? 'UNEXPECTED_RESPONSE';
  const what = `${status}${type && `, ${type.split(';')[0]}`}`;
  return new Failure({
    code,
    message:
      code === 'UNEXPECTED_RESPONSE'
        ? `What answers at ${url.split('?')[0]} is not Holdfast (${what}): check the \`url\` of the client.`
        : `Something before the server answered in its place (${what}).`,
    isRetryable: isRefusal(status),
    requestId: headers.get('x-request-id'),
    retryAfterMs: toRetryAfterMs(headers),
  });
}

/** The header is in seconds here; a date is left to those who write dates. */
export function toRetryAfterMs(headers: Headers): number | undefined {
  const seconds = headers.get('retry-after') ?? '';
  return /^\d{1,6}$/.test(seconds) ? Number(seconds) * 1000 : undefined;
}

/** What the server tells of an error, with a field that not every server sends. */
export type ServerError = ErrorData & { isRetryable?: boolean };
