import { styleText } from 'node:util';
import { type HoldfastError, isHoldfastError } from '@holdfast/client';
import { CliError, exitCodes } from './errors.ts';
import { toPlain, toPlainJson } from './plain.ts';
import { FailedFor } from './settle.ts';
import { toLines } from './task-view.ts';

interface ToldFailure {
  exitCode: number;
  /** May hold anything that a server has said. */
  message: string;
  /** Below the message, for people. */
  lines: string[];
  /** For programs. */
  json: Record<string, unknown>;
}

export interface WriteOptions {
  stderr: NodeJS.WriteStream;
  isJson: boolean;
  /** Where it was to happen, as far as that is known. */
  server: string | undefined;
}

/** Tells what failures have been thrown; gives the exit code, the highest of them. */
export function writeFailures(failures: unknown[], { stderr, isJson, server }: WriteOptions): number {
  const told = failures.map((failure) => tell(failure, { stderr, isJson, server }));
  for (const { message, lines, json } of told) {
    const text = [styleText('red', toPlain(message), { stream: stderr }), ...lines].join('\n');
    stderr.write(`${isJson ? toPlainJson({ error: json }) : text}\n`);
  }
  return Math.max(...told.map(({ exitCode }) => exitCode));
}

function tell(error: unknown, options: WriteOptions): ToldFailure {
  if (error instanceof FailedFor) {
    const { message, json, ...rest } = tell(error.cause, options);
    return { ...rest, message: `${error.id}: ${message}`, json: { ...json, id: error.id } };
  }
  // What this program itself has told the client.
  if (isHoldfastError(error, 'CALLBACK_FAILED') && error.cause instanceof CliError) return tell(error.cause, options);
  if (isHoldfastError(error)) return tellOfCall(error, options);
  if (error instanceof CliError) {
    const { code, exitCode, message, lines, more } = error;
    return { exitCode, message, lines, json: { code, message, ...more } };
  }
  const message = `This is a defect of tasks: ${error instanceof Error ? error.message : String(error)}`;
  const lines =
    error instanceof Error
      ? (error.stack ?? '')
          .split('\n')
          .slice(1)
          .map((line) => toPlain(line))
      : [];
  return { exitCode: exitCodes.refused, message, lines, json: { code: 'DEFECT', message } };
}

function tellOfCall(error: HoldfastError, { stderr, server = 'the server' }: WriteOptions): ToldFailure {
  const { code, isRetryable, requestId, retryAfterMs } = error;
  const current = code === 'CONFLICT' ? error.current : undefined;
  const validation = code === 'BAD_REQUEST' ? error.validation : undefined;
  const message = `${toSentence(error, server)}${isRetryable ? '' : unknownOutcome}`;
  return {
    exitCode: code === 'ABORTED' ? exitCodes.interrupted : exitCodes.refused,
    message,
    lines: current === undefined ? [] : ['It stands so:', ...toLines(current, stderr.isTTY)],
    json: {
      code,
      message,
      isRetryable,
      requestId,
      ...(retryAfterMs !== undefined && { retryAfterMs }),
      ...(validation && { validation }),
      ...(current && { current }),
    },
  };
}

const unknownOutcome = ' Whether it has happened is unknown: look before you repeat it.';

function toSentence(error: HoldfastError, server: string): string {
  const seconds = Math.ceil((error.retryAfterMs ?? 0) / 1000);
  const later = seconds > 0 ? `try again in ${seconds} s` : 'try again later';
  switch (error.code) {
    case 'NETWORK':
      return `${server} does not answer (${toReason(error)}): check the address, and whether the server runs.`;
    case 'UNEXPECTED_RESPONSE':
      return `What answers at ${server} is not Holdfast: check the address.`;
    case 'DEADLINE':
      return `${server} has not answered in time: ${later}.`;
    case 'ABORTED':
      return 'Stopped.';
    case 'NOT_FOUND':
      return 'There is no such task of yours: see `tasks list --all`.';
    case 'CONFLICT':
      return 'The task was changed by somebody else meanwhile, and nothing of this was kept.';
    case 'BAD_REQUEST':
    case 'PAYLOAD_TOO_LARGE':
      return `The server refuses this: ${error.message}`;
    case 'INVALID_EMAIL_OR_PASSWORD':
      return 'This is not the password of this e-mail address, or there is no such account (--sign-up makes one).';
    case 'INVALID_EMAIL':
      return 'This is no e-mail address: give one such as ada@example.com.';
    case 'PASSWORD_TOO_SHORT':
      return 'The server wants a longer password: choose another.';
    case 'PASSWORD_TOO_LONG':
      return 'The server wants a shorter password: choose another.';
    case 'USER_ALREADY_EXISTS':
      return 'There is an account with this e-mail address already: log in without --sign-up.';
    case 'TOO_MANY_REQUESTS':
      return `The server has had too many calls from here: ${later}.`;
    case 'SERVICE_UNAVAILABLE':
    case 'BAD_GATEWAY':
    case 'GATEWAY_TIMEOUT':
      return `${server} cannot do this just now: ${later}.`;
    case 'INTERNAL_SERVER_ERROR':
      return `The server has a defect: report it with the request id ${error.requestId ?? 'of its log'}.`;
    default:
      return error.message;
  }
}

/** What is innermost: `fetch` itself only says that it failed. */
function toReason(error: Error): string {
  const { cause } = error;
  if (cause instanceof Error) return toReason(cause);
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}
