import { execFileSync, spawn } from 'node:child_process';
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
import { launchServer, openTestDatabase, programEnv } from '@holdfast/db/testing';
import getPort from 'get-port';
import { afterAll, expect, inject, onTestFinished } from 'vitest';

export const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
export const password = 'correct horse';
const serverMain = fileURLToPath(import.meta.resolve('@holdfast/server/src/main.ts'));
const folder = mkdtempSync(join(tmpdir(), 'holdfast-cli-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

const stops: (() => Promise<void>)[] = [];

// Registered here, because Vitest never calls a hook that a running test registers.
afterAll(async () => {
  for (const stop of stops) await stop();
});

/** Starts the real server in a process, with a new database. Returns its URL. */
export async function startServer(settings: Record<string, string> = {}): Promise<string> {
  const database = await openTestDatabase(inject('testServer'));
  const secret = 'a secret that only the tests know, 123';
  const server = await launchServer(serverMain, {
    PORT: '0',
    DATABASE_URL: database.url,
    AUTH_SECRET: secret,
    ...settings,
  });
  stops.push(async () => {
    await server.stop();
    await database.drop();
  });
  return server.url;
}

/** Starts a server that is not Holdfast, until the end of the test. */
export async function startOtherServer(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** URL of a port on which no server listens. */
export const findClosedPort = async () => `http://127.0.0.1:${await getPort({ host: '127.0.0.1' })}`;

export interface CommandResult {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  input?: string | Buffer;
  env?: Record<string, string>;
}

/** A user of this machine with a home folder. */
export interface Person {
  home: string;
  env: Record<string, string>;
  email: string;
  /** Runs `tasks` without a terminal. */
  run(args: string[], options?: RunOptions): Promise<CommandResult>;
  /** Runs `tasks --json`, expects exit code 0 and returns the parsed JSON. */
  runJson<Output = Task>(...args: string[]): Promise<Output>;
}

let people = 0;

/** Creates a user who has never used `tasks`. */
export async function createPerson(): Promise<Person> {
  const number = (people += 1);
  const home = join(folder, `home-${number}`);
  await mkdir(home);
  const env = {
    ...programEnv,
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
    async runJson<Output>(...args: string[]) {
      const { code, stdout, stderr } = await run(['--json', ...args]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      return JSON.parse(stdout) as Output;
    },
  };
}

/** Creates a user and logs in with a new account. */
export async function signUpPerson(server: string): Promise<Person> {
  const person = await createPerson();
  const args = ['login', person.email, '--server', server, '--sign-up', '--name', 'Ada'];
  const { code, stderr } = await person.run(args, { env: { HOLDFAST_PASSWORD: password } });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return person;
}

/** The file of a login at a server. */
export function loginPath({ home }: Person, server: string): string {
  return join(home, '.config/holdfast/logins', `${encodeURIComponent(server)}.json`);
}

/** Stores a login with an invalid session. */
export async function writeFakeLogin(person: Person, server: string): Promise<void> {
  await mkdir(join(person.home, '.config/holdfast/logins'), { recursive: true, mode: 0o700 });
  await writeFile(loginPath(person, server), JSON.stringify({ session: 'made-up', email: person.email }), {
    mode: 0o600,
  });
}

/** The error of a command with --json. */
export function errorOf({ stderr }: CommandResult): Record<string, unknown> {
  return (JSON.parse(stderr) as { error: Record<string, unknown> }).error;
}

/** True if `script` of util-linux is installed, which runs a command at a terminal. */
export const hasTerminal = (() => {
  try {
    return execFileSync('script', ['--version'], { encoding: 'utf8', stdio: 'pipe' }).includes('util-linux');
  } catch {
    return false;
  }
})();
if (!hasTerminal) console.warn('`script` of util-linux is missing. The tests that need a terminal are skipped.');

export interface TerminalOptions {
  /** Types the second element when the new output matches the first. */
  exchanges?: [RegExp, string][];
  env?: Record<string, string>;
  /** Types Ctrl+C when this resolves. */
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
  if (left.length > 0) throw new Error(`The output never matched ${left[0]![0].source}. It was:\n${screen}`);
  return { code: child.exitCode, screen };
}
