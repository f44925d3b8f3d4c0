import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { dialects } from '../contestants/dialect.ts';
import { makeCall } from '../identities.ts';
import type { Call, Operation } from '../operations.ts';
import { readOwnTime, readTreeTime } from '../process-times.ts';
import { quantile } from '../statistics.ts';
import type { Job, JobResult } from './job.ts';
import { type Response, ResponseReader } from './response-reader.ts';
import { createSchedule } from './schedule.ts';

/**
 * Sends requests over all connections. Each connection sends its next request when the last response is complete, and at a fixed
 * rate not before the next request is due.
 *
 * @throws Error with the response if a request fails.
 */
export async function runJob(job: Job, tokens: readonly string[]): Promise<JobResult> {
  const makeRequest = createRequests(job, tokens);
  const { failureMark } = dialects[job.dialect];
  const { hostname, port } = new URL(job.url);
  const sockets = await Promise.all(Array.from({ length: job.connections }, () => open(hostname, Number(port))));

  const latencies: number[] = [];
  let sent = 0;
  let endsAt = Infinity;
  const requestsMax = 'requests' in job.until ? job.until.requests : Infinity;
  const isDone = () => sent >= requestsMax || performance.now() >= endsAt;
  let waitForNext: (() => Promise<number>) | undefined;

  function assertSuccess({ status, raw }: Response): void {
    if (status !== 200 || (failureMark !== null && raw.includes(failureMark)))
      throw new Error(`The request to ${job.url} failed:\n${raw.toString().slice(0, 2000)}`);
  }

  /** Sends requests in sequence on one connection until `isDone` returns true. */
  function sendInSequence(socket: Socket, isDone: () => boolean, record: (ms: number) => void): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const reader = new ResponseReader();
    let since = 0;
    const send = (dueAt?: number) => {
      sent += 1;
      const request = makeRequest();
      since = dueAt ?? performance.now();
      socket.write(request, 'latin1');
    };
    const sendNext = () => (waitForNext === undefined ? send() : void waitForNext().then(send).catch(reject));
    socket.removeAllListeners();
    socket.on('error', reject);
    socket.on('close', () => reject(new Error(`${job.url} closed the connection.`)));
    socket.on('data', (chunk: Buffer) => {
      const response = reader.push(chunk);
      if (response === null) return;
      record(performance.now() - since);
      try {
        assertSuccess(response);
      } catch (error) {
        return reject(error);
      }
      if (isDone()) resolve();
      else sendNext();
    });
    sendNext();
    return promise;
  }

  try {
    // One request per connection before the measurement, so that the server has opened its pool.
    await Promise.all(
      sockets.map((socket) =>
        sendInSequence(
          socket,
          () => true,
          () => {},
        ),
      ),
    );
    sent = 0;
    const before = readTimes(job);
    const startedAt = performance.now();
    if ('ms' in job.until) endsAt = startedAt + job.until.ms;
    if (job.perSecond !== undefined) waitForNext = createSchedule(job.perSecond);
    await Promise.all(sockets.map((socket) => sendInSequence(socket, isDone, (ms) => latencies.push(ms))));
    const seconds = (performance.now() - startedAt) / 1000;
    const after = readTimes(job);
    const requests = latencies.length;
    return {
      requests,
      requestsPerSecond: requests / seconds,
      p50: quantile(latencies, 0.5),
      p99: quantile(latencies, 0.99),
      serverCpu: (after.server - before.server) / requests,
      mainCpu: (after.main - before.main) / requests,
      postgresCpu: (after.postgres - before.postgres) / requests,
      loadCpu: (after.load - before.load) / requests,
    };
  } finally {
    for (const socket of sockets) {
      socket.removeAllListeners('close');
      socket.destroy();
    }
  }
}

function readTimes({ server, postmaster }: Job) {
  return {
    server: readTreeTime(server),
    main: readOwnTime(server),
    postgres: readTreeTime(postmaster),
    load: readOwnTime(process.pid),
  };
}

async function open(host: string, port: number): Promise<Socket> {
  const socket = connect({ host, port, noDelay: true });
  await once(socket, 'connect');
  return socket;
}

/** Ten calls of the soak test. */
const mix: readonly Operation[] = ['list', 'list', 'list', 'get', 'get', 'get', 'batch', 'update', 'update', 'create'];

/** Returns a function that writes the next request. All text is ASCII, so its length is its size in bytes. */
function createRequests({ dialect, calls, url }: Job, tokens: readonly string[]): () => string {
  const { toRequest } = dialects[dialect];
  const { host } = new URL(url);
  let count = 0;
  const next = () => {
    if (!('operation' in calls)) return calls[Math.floor(Math.random() * calls.length)]!;
    const at = count++;
    const operation = calls.operation === 'mixed' ? mix[at % mix.length]! : calls.operation;
    const user = calls.isInTurn ? at % calls.users : undefined;
    if (operation !== 'update once') return makeCall(operation, calls, user);
    const made = makeCall('update', calls, user);
    return { ...made, call: { ...made.call, operationId: randomUUID() } as Call };
  };
  return () => {
    const { user, call } = next();
    const { path, body } = toRequest(call, user);
    const head = ` HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${tokens[user]}\r\n`;
    return body === undefined
      ? `GET ${path}${head}\r\n`
      : `POST ${path}${head}content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
  };
}
