import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { programEnv } from './program-env.ts';

/** A server in a process of its own. */
export interface LaunchedServer {
  url: string;
  process: ChildProcess;
  /** All output so far. */
  output(): string;
  /** Kills the process. */
  stop(): Promise<void>;
}

const running = new Set<ChildProcess>();

// A test file can end before its server has started.
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Starts a program that is a server, and waits until it prints its URL. */
export async function launchServer(main: string, env: Record<string, string>): Promise<LaunchedServer> {
  const child = spawn(process.execPath, [main], { env: { ...programEnv, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  child.once('exit', () => running.delete(child));
  let text = '';
  const url = await new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        text += String(chunk);
        const found = /http:\/\/127\.0\.0\.1:\d+/.exec(text)?.[0];
        if (found !== undefined) resolve(found);
      });
    }
    child.once('exit', (code) => reject(new Error(`The server exited with ${code}:\n${text}`)));
  });
  return {
    url,
    process: child,
    output: () => text,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}
