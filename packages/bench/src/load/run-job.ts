import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { dialects } from '../contestants/dialect.ts';
import { makeCall } from '../identities.ts';
import type { Operation } from '../operations.ts';
import { readOwnTime, readTreeTime } from '../process-times.ts';
import { quantile } from '../statistics.ts';
import type { Job, JobResult } from './job.ts';
import { type Response, ResponseReader } from './response-reader.ts';

/**
 * Keeps as many requests under way as there are connections, each sent when the answer to the last is there.
 *
 * @throws Error with the answer, when one is not a success.
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

  function assertSuccess({ status, raw }: Response): void {
    if (status !== 200 || (failureMark !== null && raw.includes(failureMark)))
      throw new Error(`${job.url} answered:\n${raw.toString().slice(0, 2000)}`);
  }

  /** Sends one after the other on one connection until the job is done. */
  function drive(socket: Socket, isDone: () => boolean, note: (ms: number) => void): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const reader = new ResponseReader();
    let sentAt = 0;
    const send = () => {
      sent += 1;
      const request = makeRequest();
      sentAt = performance.now();
      socket.write(request, 'latin1');
    };
    socket.removeAllListeners();
    socket.on('error', reject);
    socket.on('close', () => reject(new Error(`${job.url} closed the connection`)));
    socket.on('data', (chunk: Buffer) => {
      const response = reader.push(chunk);
      if (response === null) return;
      note(performance.now() - sentAt);
      try {
        assertSuccess(response);
      } catch (error) {
        return reject(error);
      }
      if (isDone()) resolve();
      else send();
    });
    send();
    return promise;
  }

  try {
    // Untimed: connections are accepted, and the server's pool is filled.
    await Promise.all(
      sockets.map((socket) =>
        drive(
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
    await Promise.all(sockets.map((socket) => drive(socket, isDone, (ms) => latencies.push(ms))));
    const seconds = (performance.now() - startedAt) / 1000;
    const after = readTimes(job);
    const requests = latencies.length;
    return {
      requests,
      requestsPerSecond: requests / seconds,
      p50: quantile(latencies, 0.5),
      p99: quantile(latencies, 0.99),
      serverCpu: (after.server - before.server) / requests,
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
  return { server: readOwnTime(server), postgres: readTreeTime(postmaster), load: readOwnTime(process.pid) };
}

async function open(host: string, port: number): Promise<Socket> {
  const socket = connect({ host, port, noDelay: true });
  await once(socket, 'connect');
  return socket;
}

/** Of ten calls in the soak, this many of each. */
const mix: readonly Operation[] = ['list', 'list', 'list', 'get', 'get', 'get', 'batch', 'update', 'update', 'create'];

/** A function that gives the next request's text. Everything in it is ASCII, so that a character is a byte. */
function createRequests({ dialect, calls, url }: Job, tokens: readonly string[]): () => string {
  const { toRequest } = dialects[dialect];
  const { host } = new URL(url);
  let made = 0;
  const next = () => {
    if ('call' in calls) return calls;
    const at = made++;
    const operation = calls.operation === 'mixed' ? mix[at % mix.length]! : calls.operation;
    return makeCall(operation, calls, calls.isInTurn ? at % calls.users : undefined);
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
