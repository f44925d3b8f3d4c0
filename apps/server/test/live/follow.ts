import { request } from 'node:https';
import { setTimeout } from 'node:timers/promises';

export interface Follower {
  /** IDs of all received tasks. */
  ids: Set<string>;
  /** Connections that have delivered a page. */
  connections(): number;
  /** Resolves when the follower has stopped after `signal` was aborted. */
  stopped: Promise<void>;
}

/** Follows the changes of a user over HTTPS, without a check of the certificate, and connects again after each end. */
export function follow(port: number, jwt: string, signal: AbortSignal): Follower {
  const ids = new Set<string>();
  let connections = 0;
  let cursor: string | null = null;

  function connect(): Promise<void> {
    return new Promise((resolve) => {
      const headers = { authorization: `Bearer ${jwt}`, ...(cursor !== null && { 'last-event-id': cursor }) };
      const target = { host: '127.0.0.1', port, path: '/trpc/changes.watch', headers, agent: false, signal };
      const call = request({ ...target, rejectUnauthorized: false }, (response) => {
        let [rest, isFirst] = ['', true];
        response.setEncoding('utf8').on('data', (text: string) => {
          const events = (rest + text).split('\n\n\n');
          rest = events.pop()!;
          for (const event of events.filter((one) => one.startsWith('data: '))) {
            const page = JSON.parse(event.slice('data: '.length).split('\n')[0]!) as {
              tasks: { id: string }[];
              cursor: string | null;
            };
            for (const { id } of page.tasks) ids.add(id);
            cursor = page.cursor;
            if (isFirst) connections += 1;
            isFirst = false;
          }
        });
        response.on('error', () => {}).on('close', resolve);
      });
      call.on('error', () => resolve()).end();
    });
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      await connect();
      await setTimeout(20);
    }
  }

  return { ids, connections: () => connections, stopped: run() };
}
