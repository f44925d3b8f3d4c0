import { setTimeout as sleep } from 'node:timers/promises';

/** Follows the changes of a user as client apps do: with one stream after another, each from the last cursor. */
export interface Follower {
  /** Resolves when the first stream is open. */
  opened: Promise<void>;
  /** Whether a stream has shown the task. */
  has(taskId: string): boolean;
  /** Streams that the server has refused, or ended without the last chunk. */
  failures: string[];
  /** Number of streams so far. */
  streams(): number;
  stop(): Promise<void>;
}

/** Between two streams, in milliseconds. */
const pauseMs = 50;

export function follow(url: string, token: string): Follower {
  const stopping = new AbortController();
  const { promise: opened, resolve: open } = Promise.withResolvers<void>();
  const seen = new Set<string>();
  const failures: string[] = [];
  let cursor = '';
  let streams = 0;

  function readEvent(event: string): void {
    cursor = /^id: (.+)$/m.exec(event)?.[1] ?? cursor;
    for (const [, id] of event.matchAll(/"id":"([0-9a-f-]{36})"/g)) seen.add(id!);
  }

  async function readStream(): Promise<void> {
    const response = await fetch(`${url}/trpc/changes.watch?input=%7B%7D`, {
      headers: {
        accept: 'text/event-stream, application/json',
        authorization: `Bearer ${token}`,
        ...(cursor !== '' && { 'last-event-id': cursor }),
      },
      signal: stopping.signal,
    });
    if (response.status !== 200) throw new Error(`returned ${response.status}: ${await response.text()}`);
    streams += 1;
    open();
    let rest = '';
    for await (const text of response.body!.pipeThrough(new TextDecoderStream())) {
      const events = (rest + text).split('\n\n');
      rest = events.pop()!;
      for (const event of events) readEvent(event);
    }
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await readStream();
      } catch (error) {
        if (!stopping.signal.aborted) failures.push(describe(error as Error));
      }
      await sleep(pauseMs);
    }
  }

  const running = run();
  return {
    opened,
    has: (taskId) => seen.has(taskId),
    failures,
    streams: () => streams,
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

function describe({ message, cause }: Error): string {
  return cause instanceof Error ? `${message}: ${cause.message}` : message;
}
