import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { receiveJob } from '../child.ts';

// The well-behaved user, in a separate process, so that no other work delays the time measurement.

/** Calls of one user at a fixed rate, or sign-ins with the right password from changing addresses. */
export interface UserJob {
  url: string;
  kind: 'calls' | 'sign-ins';
  token: string;
  credentials: { email: string; password: string };
  perSecond: number;
  requests: number;
}

/** Milliseconds per request from the time when it was due. A failed request counts with the time of its failure. */
export interface UserResult {
  latencies: number[];
  failures: number;
}

interface Outgoing {
  path: string;
  body?: object;
  headers: Record<string, string>;
  from?: string | undefined;
}

const limitMs = 30_000;
const keepAlive = new Agent({ keepAlive: true, maxSockets: 6 });
/** Few sign-ins per address. */
const toAddress = (at: number) =>
  process.platform === 'linux' ? `127.1.${process.pid & 255}.${1 + (at % 250)}` : undefined;
const input = (value: object) => `?input=${encodeURIComponent(JSON.stringify(value))}`;

const { job } = await receiveJob();
process.send!(await run(job as UserJob));

async function run({ url, kind, token, credentials, perSecond, requests }: UserJob): Promise<UserResult> {
  let taskId = '';
  let failures = 0;
  const latencies: number[] = [];

  function makeCall(at: number): Outgoing {
    const headers = { authorization: `Bearer ${token}` };
    const title = `A title of call ${at} at ${Date.now()}`;
    const calls = [
      { path: `/trpc/task.list${input({ limit: 20 })}` },
      { path: `/trpc/task.get${input({ id: taskId })}` },
      { path: '/trpc/task.update', body: { id: taskId, title } },
      { path: '/trpc/task.create', body: { title } },
    ];
    return { ...calls[at % calls.length]!, headers };
  }

  function makeSignIn(at: number): Outgoing {
    return { path: '/api/auth/sign-in/email', body: credentials, headers: {}, from: toAddress(at) };
  }

  async function send({ path, body, headers, from }: Outgoing, isNewConnection: boolean): Promise<string> {
    const outgoing = request(`${url}${path}`, {
      agent: isNewConnection || from ? false : keepAlive,
      ...(from && { localAddress: from }),
      method: body === undefined ? 'GET' : 'POST',
      headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
      signal: AbortSignal.timeout(limitMs),
    });
    outgoing.end(body && JSON.stringify(body));
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
    let text = '';
    for await (const chunk of response) text += String(chunk);
    if (response.statusCode !== 200) throw new Error(`${path.split('?')[0]} returned ${response.statusCode}: ${text}`);
    return text;
  }

  if (kind === 'calls') {
    const created = await send(makeCall(3), true);
    taskId = (JSON.parse(created) as { result: { data: { id: string } } }).result.data.id;
  }

  async function measure(at: number, dueAt: number): Promise<void> {
    try {
      // Some calls need a new connection, as a new visitor does.
      await send(kind === 'calls' ? makeCall(at) : makeSignIn(at), at % 7 === 0);
    } catch (error) {
      failures += 1;
      if (failures === 1) process.stderr.write(`  The user's first failure: ${(error as Error).message}\n`);
    }
    latencies.push(performance.now() - dueAt);
  }

  const running: Promise<void>[] = [];
  const startedAt = performance.now();
  for (let at = 0; at < requests; at++) {
    const dueAt = startedAt + (at * 1000) / perSecond;
    const waitMs = dueAt - performance.now();
    if (waitMs > 0) await sleep(waitMs);
    running.push(measure(at, dueAt));
  }
  await Promise.all(running);
  keepAlive.destroy();
  return { latencies, failures };
}
