import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { expect } from 'vitest';
import { collectLines, end, type Line, makeDataDir, type RunningServer, startServer } from '../running-server.ts';

export interface Workers extends RunningServer {
  /** All complete log lines so far. */
  lines(): Line[];
  /** Waits for a log line with this message, after so many lines with it, and returns it. */
  findLine(message: string, after?: number): Promise<Line>;
  /** The IDs of the processes that have written log lines, by worker. The last one serves. */
  pids(worker: number): number[];
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/** Starts a server with two workers. */
export async function startWorkers(env: Record<string, string>): Promise<Workers> {
  const server = await startServer({
    HOLDFAST_DATA_DIR: await makeDataDir(),
    LOG_LEVEL: 'debug',
    ...env,
    WORKERS: '2',
  });
  const lines = collectLines(server);
  const withMessage = (message: string) => lines.filter(({ msg }) => msg === message);
  return {
    ...server,
    lines: () => lines,
    async findLine(message, after = 0) {
      await expect.poll(() => withMessage(message).length).toBeGreaterThan(after);
      return withMessage(message)[after]!;
    },
    pids: (worker) => [
      ...new Set(
        lines.filter((line) => line['worker'] === worker && line['msg'] === 'request').map(({ pid }) => Number(pid)),
      ),
    ],
    stop: (signal = 'SIGTERM') => end(server.process, signal),
  };
}

export interface Sent {
  path: string;
  token?: string;
  cookie?: string;
  /** The client's address, for a server behind a proxy. */
  address?: string;
  /** Default: a GET without a body. */
  body?: unknown;
}

export interface Received {
  status: number;
  requestId: string;
  body: string;
}

/** Sends a request over a connection of its own, which any worker can get. */
export async function send(base: string, { path, token, cookie, address, body }: Sent): Promise<Received> {
  const call = request(base + path, {
    agent: false,
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(cookie !== undefined && { cookie }),
      ...(address !== undefined && { 'x-forwarded-for': address }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
  });
  call.end(body === undefined ? undefined : JSON.stringify(body));
  const [response] = (await once(call, 'response')) as [IncomingMessage];
  return {
    status: response.statusCode!,
    requestId: String(response.headers['x-request-id']),
    body: await text(response),
  };
}

/** Sends the same request several times at once. */
export async function sendAll(base: string, times: number, sent: Sent): Promise<Received[]> {
  return Promise.all(Array.from({ length: times }, () => send(base, sent)));
}

/** Waits until the log has all requests, and returns the workers that have served them. */
export async function findWorkers(server: Workers, received: Received[]): Promise<Set<unknown>> {
  const ids = new Set(received.map(({ requestId }) => requestId));
  const served = () => server.lines().filter(({ msg, requestId }) => msg === 'request' && ids.has(String(requestId)));
  await expect.poll(() => served().length).toBe(ids.size);
  return new Set(served().map(({ worker }) => worker));
}

/** Sends requests until both workers have served one. */
export async function reachBoth(server: Workers, sent: Sent): Promise<void> {
  expect(await findWorkers(server, await sendAll(server.base, 12, sent))).toEqual(new Set([1, 2]));
}
