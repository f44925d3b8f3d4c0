import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import {
  createPerson,
  errorOf,
  findClosedPort,
  loginPath,
  main,
  password,
  signUpPerson,
  writeFakeLogin,
  startServer,
  startOtherServer,
} from './fixture.ts';

const server = await startServer();

test('a wrong command line exits with 2 and explains the fix', async () => {
  const ada = await createPerson();
  for (const [args, words] of [
    [['lsit'], 'list'],
    [['lsit', '--help'], 'list'],
    [['list', '--limt', '3'], '--limit'],
    [['add'], 'tasks add --help'],
    [['completion', 'tcsh'], 'bash'],
    [['list', 'more'], 'tasks list --help'],
    [['edit', 'abcd', '-d', 'x', '--clear-description'], '--clear-description'],
    [['list', '--server', 'nonsense'], 'https://'],
    [['list', '--oldest', '--sort', 'due'], '--sort'],
    [['list', '--priority', 'urgent'], 'high'],
    [['lists', 'more'], 'tasks lists --help'],
    [['lists', 'add'], 'tasks lists --help'],
  ] as const) {
    const { code, stdout, stderr } = await ada.run([...args]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr.trimEnd()).not.toContain('\n');
    expect(stderr).toContain(words);
    expect(errorOf(await ada.run([...args, '--json']))).toMatchObject({ code: 'USAGE' });
  }
  expect((await ada.run([])).code).toBe(2);
});

test('every command has a help that exits with 0', async () => {
  const ada = await createPerson();
  const { code, stdout } = await ada.run(['--help']);
  expect(code).toBe(0);
  const names = [...stdout.matchAll(/^ {2}([a-z]+)(\|\w+)? .* {2,}/gm)].map(([, name]) => name!);
  const expected =
    'login logout whoami profile add list today search show done reopen undo move edit rm lists labels trash mcp completion';
  for (const name of expected.split(' ')) {
    expect(names).toContain(name);
    const help = await ada.run([name, '--help']);
    expect(help).toMatchObject({ code: 0, stderr: '' });
    expect(await ada.run(['help', name])).toEqual(help);
  }
  for (const [alias, name] of [
    ['delete', 'rm'],
    ['remove', 'rm'],
    ['create', 'add'],
    ['get', 'show'],
    ['update', 'edit'],
    ['ls', 'list'],
  ] as const) {
    expect(await ada.run([alias, '--help'])).toEqual(await ada.run([name, '--help']));
  }
  expect(await ada.run(['help'])).toMatchObject({ code: 0, stdout, stderr: '' });
  expect((await ada.run(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test('the error of a missing server or a server that is not Holdfast contains its URL', async () => {
  const ada = await createPerson();
  const gone = await findClosedPort();
  await writeFakeLogin(ada, gone);
  const list = await ada.run(['list', '--server', gone, '--json']);
  expect(list).toMatchObject({ code: 1, stdout: '' });
  expect(errorOf(list)).toMatchObject({ code: 'NETWORK', isRetryable: true });
  const done = await ada.run(['whoami', '--server', gone]);
  expect(done.stderr).toBe(`${gone} does not respond (ECONNREFUSED). Check the URL and the server.\n`);
  const other = await startOtherServer((_req, res) => void res.end('<h1>Welcome to nginx</h1>'));
  await writeFakeLogin(ada, other);
  const { code, stderr } = await ada.run(['list', '--server', other]);
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: `${other} is not Holdfast. Check the URL.\n`,
  });
});

test('the error of a change with a lost response says that the outcome is unknown', async () => {
  const ada = await createPerson();
  const losing = await startOtherServer((req) => void req.on('data', () => req.socket.destroy()));
  await writeFakeLogin(ada, losing);
  const id = '018f0000-0000-7000-8000-000000000000';
  const { code, stderr } = await ada.run(['rm', id, '--yes', '--server', losing]);
  expect(code).toBe(1);
  expect(stderr).toContain('The outcome is unknown.');
  expect(errorOf(await ada.run(['rm', id, '--yes', '--server', losing, '--json']))).toMatchObject({
    isRetryable: false,
    isUndone: false,
    id,
  });
});

test('a message of a server cannot control the terminal', async () => {
  const ada = await createPerson();
  const malicious = await startOtherServer((_req, res) => {
    const data = { code: 'FORBIDDEN', httpStatus: 403, path: null, requestId: null, validation: null };
    const error = { code: -32003, message: 'no \u001b[2J \u009b1m', data };
    res.writeHead(403, { 'content-type': 'application/json' }).end(JSON.stringify([{ error }]));
  });
  await writeFakeLogin(ada, malicious);
  for (const more of [[], ['--json']]) {
    const { stderr } = await ada.run(['list', '--server', malicious, ...more]);
    expect(stderr).toContain('no \\u001b[2J \\u009b1m');
  }
});

test('a reader that closes the pipe causes no error', async () => {
  const ada = await signUpPerson(server);
  for (let index = 0; index < 3; index += 1) await ada.run(['add', 'x'.repeat(400)]);
  const child = spawn(process.execPath, [main, 'list'], { env: ada.env, stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  const [stderr] = await Promise.all([text(child.stderr), once(child, 'close')]);
  expect({ code: child.exitCode, stderr }).toEqual({ code: 0, stderr: '' });
});

test.skipIf(!existsSync('/dev/full'))('a full disk is an error', async () => {
  const ada = await signUpPerson(server);
  await ada.run(['add', 'a']);
  const line = `'${process.execPath}' '${main}' list > /dev/full`;
  const child = spawn('/bin/sh', ['-c', line], { env: ada.env, stdio: ['ignore', 'ignore', 'pipe'] });
  const [stderr] = await Promise.all([text(child.stderr), once(child, 'close')]);
  expect(child.exitCode).toBe(1);
  expect(stderr).toContain('ENOSPC');
});

test.each(['SIGTERM', 'SIGHUP'] as const)('%s ends a command that waits for a server', async (signal) => {
  const ada = await createPerson();
  const whenCalled = Promise.withResolvers<void>();
  const hanging = await startOtherServer(() => whenCalled.resolve());
  await writeFakeLogin(ada, hanging);
  const child = spawn(process.execPath, [main, 'list', '--server', hanging], { env: ada.env });
  await whenCalled.promise;
  child.kill(signal);
  expect(await once(child, 'close')).toEqual([null, signal]);
});

const bad = Buffer.from('Bad \xff', 'latin1');

test('text that is not UTF-8 is refused and changes nothing', async () => {
  const ada = await signUpPerson(server);
  const words = { code: 2, stdout: '', stderr: expect.stringContaining('not valid UTF-8') };
  expect(await ada.run(['add', '-'], { input: bad })).toMatchObject(words);
  const login = ['login', ada.email, '--server', server, '--password-stdin'];
  expect(await ada.run(login, { input: bad })).toMatchObject(words);
  const { id } = await ada.runJson('add', 'good');
  for (const command of [`add "$1"`, `add good -d "$1"`, `edit ${id} -t "$1"`, `edit ${id} -d "$1"`]) {
    const line = `set -- "$(printf 'Bad \\377')"; '${process.execPath}' '${main}' ${command}`;
    const child = spawn('/bin/sh', ['-c', line], { env: ada.env });
    const [stderr] = await Promise.all([text(child.stderr), once(child, 'close')]);
    expect({ code: child.exitCode, stderr }).toMatchObject({ code: 2, stderr: words.stderr });
  }
  expect(await ada.runJson('list')).toMatchObject([{ id, title: 'good', version: 1 }]);
});

test('a HOLDFAST_TOKEN that cannot be a header is refused at once, and no message contains it', async () => {
  const ada = await createPerson();
  const seen: string[] = [];
  const other = await startOtherServer((req, res) => void (seen.push(req.url!), res.end()));
  for (const token of ['hf-secret\n', 'hf-secret\r\nx: y', 'hf-secret x', 'hf-secreté']) {
    for (const more of [[], ['--json']]) {
      const env = { HOLDFAST_TOKEN: token, HOLDFAST_URL: other };
      const { code, stdout, stderr } = await ada.run(['list', ...more], { env });
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toContain('HOLDFAST_TOKEN is not a token.');
      expect(stderr).not.toContain('hf-secret');
    }
  }
  expect(seen).toEqual([]);
});

test.skipIf(process.getuid?.() !== 0)(
  'a user without a home folder can use a token, and a login says what is missing',
  async () => {
    const ada = await signUpPerson(server);
    const { session } = JSON.parse(await readFile(loginPath(ada, server), 'utf8')) as { session: string };
    // Root's own modules must be readable, so the command runs in an empty folder with another user ID.
    const cwd = join(ada.home, 'empty');
    await mkdir(cwd);
    await chmod(ada.home, 0o755);
    await chown(cwd, 12_345, 12_345);
    async function run(args: string[], env: Record<string, string>) {
      const child = spawn(process.execPath, [main, ...args], {
        cwd,
        uid: 12_345,
        gid: 12_345,
        env: { PATH: ada.env['PATH']!, HOLDFAST_URL: server, ...env },
      });
      const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
      return { code: child.exitCode, stdout, stderr };
    }
    for (const home of [{}, { HOME: '' }, { HOME: 'relative' }]) {
      const who = await run(['whoami'], { ...home, HOLDFAST_TOKEN: session });
      expect(who).toMatchObject({ code: 0, stderr: '' });
      const login = await run(['login', ada.email], { ...home, HOLDFAST_PASSWORD: password });
      expect(login).toMatchObject({ code: 1, stderr: 'This user has no home folder. Set HOME or XDG_CONFIG_HOME.\n' });
      expect(await run(['list'], home)).toMatchObject({ code: 1, stderr: expect.stringContaining('Not logged in') });
      expect(await readdir(cwd)).toEqual([]);
    }
  },
);
