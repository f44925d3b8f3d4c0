import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { receiveJob } from '../child.ts';
import { dialects } from '../contestants/dialect.ts';
import { makeCall, type Size } from '../identities.ts';
import { createSchedule } from '../load/schedule.ts';
import type { Operation } from '../operations.ts';
import { quantile } from '../statistics.ts';
import { follow } from './follow.ts';

// Requests at a fixed rate, whether or not earlier ones have a response, and streams beside them. A separate process.

export interface SteadyLoadJob {
  url: string;
  /** In order of user number. */
  tokens: string[];
  size: Size;
  perSecond: number;
  /** Users with streams, from the first. */
  followed: number;
  streamsPerUser: number;
}

/** Latencies are in milliseconds from the time when a request was due. */
export interface SteadyLoadResult {
  requests: number;
  failures: number;
  p50: number;
  p99: number;
  longest: number;
  /** Streams that have been opened, and those that were refused or broken. */
  streams: number;
  streamFailures: number;
  /** Created tasks that a stream of their user has not shown. */
  missingChanges: number;
  /** Starts of the descriptions of different failures. */
  examples: string[];
}

const timeoutMs = 30_000;
/** Changes arrive in this time after the last response. */
const arriveMs = 10_000;
/** Every so many requests use a connection of their own, as new visitors do. */
const newConnectionEvery = 7;
const [examplesMax, exampleLength] = [5, 100];
/** The server accepts only some hundreds of connections from one address. If it is slow, further requests wait here. */
const maxSockets = 64;
const mix: readonly Operation[] = ['list', 'get', 'update', 'create'];

const { job, stopped } = await receiveJob();
process.send!(await run(job as SteadyLoadJob, stopped));

async function run(job: SteadyLoadJob, stopped: AbortSignal): Promise<SteadyLoadResult> {
  const { url, tokens, size, perSecond } = job;
  const keepAlive = new Agent({ keepAlive: true, maxSockets });
  const followers = tokens.slice(0, job.followed).map((token) => {
    return Array.from({ length: job.streamsPerUser }, () => follow(url, token));
  });
  await Promise.all(followers.flat().map(({ opened }) => opened));
  const failures: string[] = [];
  const latencies: number[] = [];
  const created: { user: number; id: string }[] = [];

  async function send(at: number): Promise<void> {
    const operation = mix[at % mix.length]!;
    // Users with streams create in turn.
    const writer = operation === 'create' ? Math.floor(at / mix.length) % followers.length : undefined;
    const { user, call } = makeCall(operation, size, writer);
    const { path, body } = dialects.trpc.toRequest(call, user);
    const outgoing = request(url + path, {
      agent: at % newConnectionEvery === 0 ? false : keepAlive,
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        authorization: `Bearer ${tokens[user]}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      signal: AbortSignal.timeout(timeoutMs),
    });
    outgoing.end(body);
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
    const received = await text(response);
    if (response.statusCode !== 200) throw new Error(`returned ${response.statusCode}: ${received}`);
    if (writer === undefined) return;
    const { result } = JSON.parse(received) as { result: { data: { id: string } } };
    created.push({ user, id: result.data.id });
  }

  async function measure(at: number, dueAt: number): Promise<void> {
    await send(at).catch((error: unknown) => {
      const { code, message } = error as NodeJS.ErrnoException;
      failures.push(`${mix[at % mix.length]}: ${code ?? ''} ${message}`);
    });
    latencies.push(performance.now() - dueAt);
  }

  const findMissing = () =>
    created.flatMap(({ user, id }) => followers[user]!.filter((follower) => !follower.has(id))).length;

  const sent: Promise<void>[] = [];
  const waitForNext = createSchedule(perSecond);
  for (let at = 0; !stopped.aborted; at++) sent.push(measure(at, await waitForNext()));
  await Promise.all(sent);
  for (let waitedMs = 0; waitedMs < arriveMs && findMissing() > 0; waitedMs += 100) await sleep(100);
  const missingChanges = findMissing();
  const all = followers.flat();
  await Promise.all(all.map((follower) => follower.stop()));
  keepAlive.destroy();
  const streamFailures = all.flatMap((follower) => follower.failures);
  return {
    requests: sent.length,
    failures: failures.length,
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
    longest: quantile(latencies, 1),
    streams: all.reduce((sum, { streams }) => sum + streams(), 0),
    streamFailures: streamFailures.length,
    missingChanges,
    examples: toExamples([...streamFailures.map((failure) => `stream: ${failure}`), ...failures]),
  };
}

function toExamples(failures: string[]): string[] {
  return [...new Set(failures.map((failure) => failure.slice(0, exampleLength)))].slice(0, examplesMax);
}
