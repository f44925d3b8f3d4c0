import { type CallOptions, type Holdfast, isHoldfastError } from '@holdfast/client';
import { createToolServer, type Failure, type ToolCalls } from '@holdfast/mcp';
import { serveStdio, StdioServerTransport } from '@modelcontextprotocol/server/stdio';
import type { Context } from '../context.ts';
import { CliError } from '../errors.ts';
import { connect } from '../server/connect.ts';

/** As for the body of a request to a server. */
const messageBytesMax = 1024 * 1024;

export interface McpOptions {
  version: string;
}

/** Serves the tools for an assistant on stdin and stdout, until the assistant closes stdin. */
export async function mcp(context: Context, { version }: McpOptions): Promise<void> {
  const { holdfast } = await connect(context);
  const transport = new StdioServerTransport(process.stdin, process.stdout, { maxBufferSize: messageBytesMax });
  const createServer = () =>
    createToolServer({
      version,
      // Only the server knows the scope of a token.
      isReadOnly: false,
      openCalls: (signal) => toToolCalls(holdfast, { signal }),
      toFailure,
    });
  const end = Promise.withResolvers<void>();
  const connection = serveStdio(createServer, { transport, maxSubscriptions: 0 });
  const { onclose } = transport;
  // oxlint-disable-next-line unicorn/prefer-add-event-listener -- The transport is no EventTarget.
  transport.onclose = () => {
    onclose?.();
    end.resolve();
  };
  context.signal.addEventListener('abort', () => void connection.close());
  await end.promise;
  // After a message that is too long, the assistant can leave stdin open.
  process.stdin.destroy();
}

function toToolCalls({ task, trash, list }: Holdfast, options: CallOptions): ToolCalls {
  return {
    task: {
      list: (input) => task.list(input, options),
      get: (input) => task.get(input, options),
      createMany: (input) => task.createMany(input, options),
      updateMany: (input) => task.updateMany(input, options),
      deleteMany: (input) => task.deleteMany(input, options),
    },
    trash: {
      list: (input) => trash.list(input, options),
      restore: (input) => trash.restore(input, options),
    },
    list: {
      list: () => list.list(options),
      create: (input) => list.create(input, options),
    },
  };
}

function toFailure(error: unknown): Failure {
  // An error of this program that the client received from `getToken`.
  const cause = isHoldfastError(error, 'CALLBACK_FAILED') ? error.cause : error;
  if (cause instanceof CliError) return { code: cause.code, message: cause.message };
  if (!isHoldfastError(error)) return { code: 'DEFECT', message: 'Internal error of tasks.' };
  const { code, message, isRetryable } = error;
  const ids = code === 'NOT_FOUND' || code === 'CONFLICT' ? error.ids : undefined;
  // The message of the client for a lost connection has the outcome.
  return { code, message, ids, isOutcomeUnknown: !isRetryable && code !== 'NETWORK' };
}
