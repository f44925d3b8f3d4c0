import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { compileCache } from './child.ts';
import type { Cleanup } from './cleanup.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const startLimitMs = 60_000;

export interface LocalServer {
  url: string;
  stop(): Promise<void>;
}

/** Starts a server with the embedded PostgreSQL, as on a developer's machine. Resolves when it is ready. */
export async function startLocalServer(command: string[], dataDir: string, cleanup: Cleanup): Promise<LocalServer> {
  const startedAt = performance.now();
  const child = spawn(command[0]!, command.slice(1), {
    cwd: root,
    env: {
      ...process.env,
      NODE_ENV: 'development',
      NODE_COMPILE_CACHE: compileCache,
      DATABASE_URL: '',
      PORT: '0',
      HOLDFAST_DATA_DIR: dataDir,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A new process group, so that a signal reaches the children of pnpm too.
    detached: true,
  });
  cleanup.add(() => stop(child));
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const findUrl = () => /http:\/\/127\.0\.0\.1:\d+/.exec(output)?.[0];
  while (!(await isReady(findUrl()))) {
    if (child.exitCode !== null || performance.now() - startedAt > startLimitMs)
      throw new Error(`${command.join(' ')} did not start:\n${output.slice(-2000)}`);
    await sleep(5);
  }
  return { url: findUrl()!, stop: () => stop(child) };
}

async function isReady(url: string | undefined): Promise<boolean> {
  if (url === undefined) return false;
  return fetch(`${url}/readyz`).then(
    ({ ok }) => ok,
    () => false,
  );
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  // The streams close when the last process of the group exits.
  const closed = once(child, 'close');
  process.kill(-child.pid!, 'SIGTERM');
  await closed;
}
