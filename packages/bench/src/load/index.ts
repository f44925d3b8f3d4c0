import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { FromLoad, Job, JobResult, ToLoad } from './job.ts';

/** The process that sends the requests. */
export interface Load {
  /** @throws Error if a request fails. */
  run(job: Job): Promise<JobResult>;
  close(): void;
}

/** @param tokens Path of a JSON file with the users' tokens, in order of user number. */
export function openLoad(tokens: string): Load {
  const child = fork(fileURLToPath(new URL('main.ts', import.meta.url)), { serialization: 'advanced' });
  const send = (message: ToLoad) => child.send(message);
  send({ tokens });
  return {
    async run(job) {
      send({ job });
      const message = await receive(child);
      if ('failure' in message) throw new Error(message.failure);
      return message.result;
    },
    close: () => void child.kill('SIGKILL'),
  };
}

async function receive(child: ChildProcess): Promise<FromLoad> {
  const received = new AbortController();
  try {
    return await Promise.race([
      once(child, 'message', { signal: received.signal }).then(([message]) => message as FromLoad),
      once(child, 'exit', { signal: received.signal }).then(() => {
        throw new Error('The load process exited.');
      }),
    ]);
  } finally {
    received.abort();
  }
}
