import type { AppRouter } from '@holdfast/api/client';
import type { TRPCClientError } from '@trpc/client';
import { isRefusal, type ServerError } from './answer.ts';
import { Failure } from './errors.ts';

/** What is known of the try that failed. */
interface Try {
  isRead: boolean;
  /** Whether anything has left for the server. */
  isSent: boolean;
}

/** Where no connection was made, as Node tells in what its `fetch` failed of; browsers do not. */
const unconnected = new Set<unknown>(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT']);

function isUnconnected({ cause }: Error): boolean {
  const inner = cause instanceof Error ? cause.cause : undefined;
  return inner instanceof Error && 'code' in inner && unconnected.has(inner.code);
}

/** What became of a call, from whatever a try of it ended with. */
export function toFailure(error: TRPCClientError<AppRouter>, { isRead, isSent }: Try): Failure {
  const isHarmless = isRead || !isSent || isUnconnected(error);
  if (error instanceof Failure) return error.withOutcome(isHarmless || error.isRetryable);
  const { shape, message, cause } = error;
  if (shape) {
    const data: ServerError = shape.data;
    const isRetryable = isHarmless || isRefusal(data.httpStatus) || data.isRetryable === true;
    return new Failure({ ...data, message, isRetryable, cause, shape });
  }
  // tRPC's own words for a query whose URL would be longer than it may be.
  if (message === 'Input is too big for a single dispatch') {
    return new Failure({ code: 'PAYLOAD_TOO_LARGE', message: 'The input is too long.', isRetryable: true, cause });
  }
  if (cause instanceof SyntaxError) {
    return new Failure({
      code: 'UNEXPECTED_RESPONSE',
      message: 'The answer is not JSON.',
      isRetryable: isHarmless,
      cause,
    });
  }
  const outcome = isHarmless ? '' : ' Whether the call has happened is unknown.';
  return new Failure({
    code: 'NETWORK',
    message: `No whole answer came from the server (${message}).${outcome}`,
    isRetryable: isHarmless,
    cause,
  });
}
