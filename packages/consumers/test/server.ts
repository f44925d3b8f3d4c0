import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { makeFolder, root } from './outside.ts';

/** Starts a server with a new database and stops it after the tests. Returns its URL. */
export async function startServer(): Promise<string> {
  const dataDir = await makeFolder();
  const env = { PATH: process.env['PATH'], PORT: '0', HOLDFAST_DATA_DIR: dataDir };
  const child = spawn(process.execPath, [join(root, 'apps/server/src/main.ts')], { env });
  stops.push(async () => {
    if (child.exitCode !== null) return;
    child.kill();
    await once(child, 'exit');
  });
  let text = '';
  return new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        text += chunk;
        const url = /http:\/\/127\.0\.0\.1:\d+/.exec(text)?.[0];
        if (url !== undefined) resolve(url);
      });
    }
    child.once('exit', (code) => reject(new Error(`The server exited with ${code}:\n${text}`)));
  });
}

const stops: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const stop of stops) await stop();
});

/** Creates a user and returns the user's token. */
export async function signUp(base: string): Promise<string> {
  const response = await fetch(`${base}/api/auth/sign-up/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'Ada', email: 'ada@example.com', password: 'correct horse' }),
  });
  return ((await response.json()) as { token: string }).token;
}
