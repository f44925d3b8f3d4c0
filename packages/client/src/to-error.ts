import type { AppRouter } from '@holdfast/api/client';
import type { TRPCClientError } from '@trpc/client';
import { HoldfastError, isHoldfastError, withOutcome } from './errors.ts';
import { isRefusal } from './response.ts';

interface FailedCall {
  isRead: boolean;
  /** True if a request may have left for the server. */
  isSent: boolean;
}

/** Codes of Node.js for a connection that was never made. Browsers report none. */
const unconnected = new Set<unknown>(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT']);

function isUnconnected({ cause }: Error): boolean {
  const inner = cause instanceof Error ? cause.cause : undefined;
  return inner instanceof Error && 'code' in inner && unconnected.has(inner.code);
}

/** The HoldfastError for any error of a call. */
export function toHoldfastError(error: TRPCClientError<AppRouter>, { isRead, isSent }: FailedCall): HoldfastError {
  const isHarmless = isRead || !isSent || isUnconnected(error);
  if (isHoldfastError(error)) return withOutcome(error, isHarmless || error.isRetryable);
  const { shape, message, cause } = error;
  if (shape) {
    const { current, ...data } = shape.data;
    const isRetryable = isHarmless || isRefusal(data.httpStatus) || data.isRetryable === true;
    const stored = current && ('name' in current ? { currentList: current } : { current });
    return new HoldfastError({ ...data, ...stored, message, isRetryable, cause, shape });
  }
  // tRPC's message for a query whose URL is too long.
  if (message === 'Input is too big for a single dispatch') {
    const text = 'The input is too long. Shorten it.';
    return new HoldfastError({ code: 'PAYLOAD_TOO_LARGE', message: text, isRetryable: true, cause });
  }
  if (cause instanceof SyntaxError) {
    const text = 'The response is not JSON.';
    return new HoldfastError({ code: 'UNEXPECTED_RESPONSE', message: text, isRetryable: isHarmless, cause });
  }
  const outcome = isHarmless ? '' : ' The outcome is unknown. Check before you retry.';
  return new HoldfastError({
    code: 'NETWORK',
    message: `No complete response arrived (${message}).${outcome}`,
    isRetryable: isHarmless,
    cause,
  });
}
