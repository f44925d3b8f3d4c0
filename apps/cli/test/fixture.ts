import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Task } from '@holdfast/client';
import { openTestDatabase } from '@holdfast/db/testing';
import { afterAll, expect, inject, onTestFinished } from 'vitest';

export const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
export const password = 'correct horse';
const serverMain = fileURLToPath(import.meta.resolve('@holdfast/server/src/main.ts'));
const folder = mkdtempSync(join(tmpdir(), 'holdfast-cli-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The real server in a process of its own, on a database of the test file's own. Not for use inside a test. */
export async function startServer(settings: Record<string, string> = {}): Promise<string> {
  const database = await openTestDatabase(inject('testServer'));
  const { PATH } = process.env;
  const secret = 'a secret that only the tests know, 123';
  const env = { PATH, PORT: '0', DATABASE_URL: database.url, AUTH_SECRET: secret, ...settings };
  const child: ChildProcess = spawn(process.execPath, [serverMain], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  afterAll(async () => {
    if (child.exitCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    await database.drop();
  });
  let output = '';
  return new Promise((resolve, reject) => {
    const look = (chunk: Buffer) => {
      output += String(chunk);
      const url = /http:\/\/127\.0\.0\.1:\d+/.exec(output)?.[0];
      if (url !== undefined) resolve(url);
    };
    child.stdout!.on('data', look);
    child.stderr!.on('data', look);
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}:\n${output}`)));
  });
}

/** Something that is not Holdfast, until the end of the test. */
export async function startStranger(answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Where nothing listens. */
export async function findClosedPort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return `http://127.0.0.1:${port}`;
}

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  input?: string;
  env?: Record<string, string>;
}

/** A user of this machine, with a home of their own. */
export interface Person {
  home: string;
  env: Record<string, string>;
  email: string;
  /** Runs `tasks` as a script would. */
  run(args: string[], options?: RunOptions): Promise<Ended>;
  /** The same, which has to end with 0; gives what its JSON holds. */
  ask<Answer = Task>(...args: string[]): Promise<Answer>;
}

let people = 0;

/** Somebody who has never used `tasks`. */
export async function arrive(): Promise<Person> {
  const number = (people += 1);
  const home = join(folder, `home-${number}`);
  await mkdir(home);
  const env = {
    PATH: process.env['PATH']!,
    HOME: home,
    XDG_CACHE_HOME: join(folder, 'cache'),
    SHELL: '/bin/sh',
    TERM: 'xterm',
    LANG: 'C.UTF-8',
  };
  const run = async (args: string[], { input, env: more }: RunOptions = {}) => {
    const child = spawn(process.execPath, [main, ...args], { env: { ...env, ...more } });
    child.stdin.on('error', () => {});
    child.stdin.end(input);
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
    return { code: child.exitCode, stdout, stderr };
  };
  return {
    home,
    env,
    email: `ada${number}@example.org`,
    run,
    async ask<Answer>(...args: string[]) {
      const { code, stdout, stderr } = await run(['--json', ...args]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      return JSON.parse(stdout) as Answer;
    },
  };
}

/** Somebody with a new account, logged in at the server. */
export async function meet(server: string): Promise<Person> {
  const person = await arrive();
  const args = ['login', person.email, '--server', server, '--sign-up', '--name', 'Ada'];
  const { code, stderr } = await person.run(args, { env: { HOLDFAST_PASSWORD: password } });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return person;
}

/** Where a login at a server is kept. */
export function loginPath({ home }: Person, server: string): string {
  return join(home, '.config/holdfast/logins', `${encodeURIComponent(server)}.json`);
}

/** Makes somebody believe to be logged in at a server. */
export async function pretendLogin(person: Person, server: string): Promise<void> {
  await mkdir(join(person.home, '.config/holdfast/logins'), { recursive: true, mode: 0o700 });
  await writeFile(loginPath(person, server), JSON.stringify({ session: 'made-up', email: person.email }), {
    mode: 0o600,
  });
}

/** The error that a command with --json has told. */
export function errorOf({ stderr }: Ended): Record<string, unknown> {
  return (JSON.parse(stderr) as { error: Record<string, unknown> }).error;
}

/** Whether there is the `script` of util-linux, which gives a command a terminal. */
export const hasTerminal = (() => {
  try {
    return execFileSync('script', ['--version'], { encoding: 'utf8', stdio: 'pipe' }).includes('util-linux');
  } catch {
    return false;
  }
})();
if (!hasTerminal) console.warn('Skipped: what needs a terminal, for there is no `script` of util-linux here.');

export interface TerminalOptions {
  /** When what is shown next matches the first, the second is typed. */
  exchanges?: [RegExp, string][];
  env?: Record<string, string>;
  /** Types Ctrl+C when the server has got a request. */
  interruptAfter?: Promise<unknown>;
}

/** Runs a command line at a terminal. */
export async function atTerminal(
  { env }: Person,
  line: string,
  { exchanges = [], env: more, interruptAfter }: TerminalOptions = {},
): Promise<{ code: number | null; screen: string }> {
  const tasks = `stty cols 100; tasks() { '${process.execPath}' '${main}' "$@"; }; ${line}`;
  const child = spawn('script', ['-qec', tasks, '/dev/null'], { env: { ...env, ...more } });
  onTestFinished(() => void child.kill());
  child.stdin.on('error', () => {});
  void interruptAfter?.then(() => child.stdin.write('\u0003'));
  const left = [...exchanges];
  let screen = '';
  let seen = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    screen += String(chunk);
    const [next] = left;
    const found = next?.[0].exec(screen.slice(seen));
    if (!next || !found) return;
    seen = screen.length;
    left.shift();
    child.stdin.write(next[1]);
  });
  await once(child, 'close');
  if (left.length > 0) throw new Error(`never shown: ${left[0]![0].source}; but this was:\n${screen}`);
  return { code: child.exitCode, screen };
}
