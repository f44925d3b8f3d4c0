import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { receiveJob } from '../child.ts';
import { openStream } from './stream.ts';

// Users who write at a fixed rate, each with a live stream, in a separate process.

export interface DelayJob {
  url: string;
  /** One per user. */
  tokens: string[];
  perSecond: number;
  writes: number;
}

/** Milliseconds from the response to a write until its change arrived; 0 if it arrived first. */
export interface DelayResult {
  delays: number[];
}

const { job } = await receiveJob();
const { url, tokens, perSecond, writes } = job as DelayJob;
const respondedAt = new Map<string, number>();
const arrivedAt = new Map<string, number>();
const idPattern = /"id":"([0-9a-f-]{36})"/g;
const { promise: complete, resolve } = Promise.withResolvers<void>();

await Promise.all(
  tokens.map((token) => {
    let rest = '';
    const onText = (text: string) => {
      const now = performance.now();
      rest += text;
      for (const [, id] of rest.matchAll(idPattern)) if (!arrivedAt.has(id!)) arrivedAt.set(id!, now);
      rest = rest.slice(-60);
      if (respondedAt.size === writes && isComplete()) resolve();
    };
    return openStream(url, { token, onText }).opened;
  }),
);

const isComplete = () => [...respondedAt.keys()].every((id) => arrivedAt.has(id));

async function write(at: number): Promise<void> {
  const id = randomUUID();
  const response = await fetch(`${url}/trpc/task.create`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${tokens[at % tokens.length]}` },
    body: JSON.stringify({ id, title: `A task that others see, number ${at}` }),
  });
  if (response.status !== 200) throw new Error(`A write failed: ${await response.text()}`);
  respondedAt.set(id, performance.now());
  await response.arrayBuffer();
}

const startedAt = performance.now();
const running: Promise<void>[] = [];
for (let at = 0; at < writes; at++) {
  const waitMs = startedAt + (at * 1000) / perSecond - performance.now();
  if (waitMs > 0) await sleep(waitMs);
  running.push(write(at));
}
await Promise.all(running);
if (!isComplete()) await complete;
const result: DelayResult = {
  delays: [...respondedAt].map(([id, time]) => Math.max(0, arrivedAt.get(id)! - time)),
};
process.send!(result);
