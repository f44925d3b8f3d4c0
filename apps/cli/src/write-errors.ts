import { styleText } from 'node:util';
import { type HoldfastError, isHoldfastError } from '@holdfast/client';
import { CliError, exitCodes } from './errors.ts';
import { TaskCallError } from './tasks/settle.ts';
import { toLines } from './tasks/task-view.ts';
import { toPlain, toPlainJson } from './terminal/plain.ts';

interface ErrorReport {
  exitCode: number;
  /** Can contain any text of a server. */
  message: string;
  /** Lines below the message, for people. */
  lines: string[];
  /** The error for programs. */
  json: Record<string, unknown>;
}

export interface WriteOptions {
  stderr: NodeJS.WriteStream;
  isJson: boolean;
  /** The server of the command. Undefined if it is unknown. */
  server: string | undefined;
}

/** Writes errors to stderr and returns the highest exit code. */
export function writeErrors(errors: unknown[], options: WriteOptions): number {
  const { stderr, isJson } = options;
  const reports = errors.map((error) => toReport(error, options));
  for (const { message, lines, json } of reports) {
    const text = [styleText('red', toPlain(message), { stream: stderr }), ...lines].join('\n');
    stderr.write(`${isJson ? toPlainJson({ error: json }) : text}\n`);
  }
  return Math.max(...reports.map(({ exitCode }) => exitCode));
}

function toReport(error: unknown, options: WriteOptions): ErrorReport {
  if (error instanceof TaskCallError) {
    const { message, json, ...rest } = toReport(error.cause, options);
    return { ...rest, message: `${error.id}: ${message}`, json: { ...json, id: error.id } };
  }
  // An error of this program that the client received from `getToken`.
  if (isHoldfastError(error, 'CALLBACK_FAILED') && error.cause instanceof CliError)
    return toReport(error.cause, options);
  if (isHoldfastError(error)) return toCallReport(error, options);
  if (error instanceof CliError) {
    const { code, exitCode, message, lines, more } = error;
    return { exitCode, message, lines, json: { code, message, ...more } };
  }
  const message = `Internal error of tasks: ${error instanceof Error ? error.message : String(error)}`;
  const lines =
    error instanceof Error
      ? (error.stack ?? '')
          .split('\n')
          .slice(1)
          .map((line) => toPlain(line))
      : [];
  return { exitCode: exitCodes.failed, message, lines, json: { code: 'DEFECT', message } };
}

function toCallReport(error: HoldfastError, { stderr, server = 'The server' }: WriteOptions): ErrorReport {
  const { code, isRetryable, requestId, retryAfterMs } = error;
  const current = code === 'CONFLICT' ? error.current : undefined;
  const validation = code === 'BAD_REQUEST' ? error.validation : undefined;
  const message = `${toSentence(error, server)}${isRetryable ? '' : unknownOutcome}`;
  return {
    exitCode: code === 'ABORTED' ? exitCodes.interrupted : exitCodes.failed,
    message,
    lines: current === undefined ? [] : ['Stored task:', ...toLines(current, stderr.isTTY)],
    json: {
      code,
      message,
      isRetryable,
      // Removed in 0.3.
      isUndone: isRetryable,
      requestId,
      ...(retryAfterMs !== undefined && { retryAfterMs }),
      ...(validation && { validation }),
      ...(current && { current }),
    },
  };
}

const unknownOutcome = ' The outcome is unknown. Check before you retry.';

function toSentence(error: HoldfastError, server: string): string {
  const seconds = Math.ceil((error.retryAfterMs ?? 0) / 1000);
  const later = seconds > 0 ? `Try again in ${seconds} s.` : 'Try again later.';
  switch (error.code) {
    case 'NETWORK':
      return `${server} does not respond (${toReason(error)}). Check the URL and the server.`;
    case 'UNEXPECTED_RESPONSE':
      return `${server} is not Holdfast. Check the URL.`;
    case 'DEADLINE':
      return `${server} did not respond in time. ${later}`;
    case 'ABORTED':
      return 'Cancelled.';
    case 'NOT_FOUND':
      return 'You have no such task. See `tasks list --all`.';
    case 'CONFLICT':
      return 'The task has changed. Your change was not saved.';
    case 'BAD_REQUEST':
    case 'PAYLOAD_TOO_LARGE':
      return `The server refused the request: ${error.message}`;
    case 'CONFIRMATION_REQUIRED':
      return 'A mail is on its way. Open its link, then log in without --sign-up.';
    case 'INVALID_EMAIL_OR_PASSWORD':
      // A server that confirms new accounts by mail says more.
      if (/confirmed/.test(error.message)) return error.message;
      return 'Wrong email address or password. To create an account, add --sign-up.';
    case 'INVALID_EMAIL':
      return 'Invalid email address. Use one such as ada@example.com.';
    case 'USER_ALREADY_EXISTS':
      return 'This email address has an account. Log in without --sign-up.';
    case 'TOO_MANY_REQUESTS':
      return `Too many calls. ${later}`;
    case 'SERVICE_UNAVAILABLE':
    case 'BAD_GATEWAY':
    case 'GATEWAY_TIMEOUT':
      return `${server} is unavailable. ${later}`;
    case 'INTERNAL_SERVER_ERROR':
      return `Internal server error. Report it with the request ID ${error.requestId ?? 'in its log'}.`;
    default:
      return error.message;
  }
}

/** Code or message of the innermost cause. The error of `fetch` itself only says that it failed. */
function toReason(error: Error): string {
  const { cause } = error;
  if (cause instanceof Error) return toReason(cause);
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}
