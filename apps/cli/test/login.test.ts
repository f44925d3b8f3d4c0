import { chmod, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createClient } from '@holdfast/client';
import { createOneTimeCode } from '@holdfast/db/testing';
import { expect, test } from 'vitest';
import {
  createPerson,
  errorOf,
  findClosedPort,
  loginPath,
  signUpPerson,
  password,
  startServer,
  startOtherServer,
} from './fixture.ts';

const server = await startServer();
const other = await startServer();
/** A server without sign-in, because it trusts the tokens of another issuer. */
const trusting = await startServer({
  AUTH_ISSUER: 'https://issuer.example.org',
  AUTH_AUDIENCE: 'tasks',
  AUTH_JWKS_URL: 'https://issuer.example.org/keys',
});
const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);

test('a user can log in, see who is logged in, and end the session on the server', async () => {
  const ada = await signUpPerson(server);
  const path = loginPath(ada, server);
  const login = JSON.parse(await readFile(path, 'utf8')) as { session: string };
  expect(login).toEqual({ server, email: ada.email, session: expect.any(String) });
  expect(await ada.runJson('whoami')).toEqual({
    server,
    id: expect.any(String),
    email: ada.email,
    name: 'Ada',
    createdAt: expect.any(String),
    timeZone: null,
  });
  expect((await ada.run(['whoami'])).stdout).toBe(`${ada.email} (Ada) at ${server}\n`);
  expect(await ada.runJson('logout')).toEqual({ server });
  await expect(stat(path)).rejects.toThrow('ENOENT');
  const client = createClient({ url: server, getToken: () => login.session });
  await expect(client.user.me()).rejects.toMatchObject({ code: 'UNAUTHORIZED' });

  const after = await ada.run(['list', '--json']);
  expect(after).toMatchObject({ code: 1, stdout: '' });
  expect(errorOf(after)).toMatchObject({ code: 'NOT_LOGGED_IN', server });
  // `tasks` has stored the server. The password comes from stdin.
  const again = await ada.run(['login', ada.email, '--password-stdin', '--json'], { input: `${password}\n` });
  expect(JSON.parse(again.stdout)).toEqual({ server, id: expect.any(String), email: ada.email, name: 'Ada' });
});

test('login files are private, and wrong modes are corrected with a warning', async () => {
  const ada = await signUpPerson(server);
  const path = loginPath(ada, server);
  const folders = [join(path, '..'), join(path, '../..')];
  for (const folder of folders) expect(await modeOf(folder)).toBe('700');
  expect(await modeOf(path)).toBe('600');
  await chmod(path, 0o644);
  await chmod(folders[1]!, 0o755);
  const { code, stderr } = await ada.run(['list']);
  expect(code).toBe(0);
  expect(stderr).toContain(`Other users could access ${path} (mode 644, now 600)`);
  expect(stderr).toContain('(mode 755, now 700)');
  expect(await modeOf(path)).toBe('600');
  expect(await modeOf(folders[1]!)).toBe('700');
  expect((await ada.run(['list'])).stderr).toBe('');
  await chmod(path, 0o640);
  expect(JSON.parse((await ada.run(['list', '--json'])).stderr)).toMatchObject({
    warning: { message: expect.any(String) },
  });
});

test('a user can be logged in at several servers, and the latest login is the default', async () => {
  const ada = await signUpPerson(server);
  await ada.run(['add', 'here']);
  const there = ['login', ada.email, '--server', `${other}/`, '--sign-up', '--name', 'Ada'];
  expect((await ada.run(there, { env: { HOLDFAST_PASSWORD: password } })).code).toBe(0);
  await ada.run(['add', 'there']);
  expect(await ada.runJson('list')).toMatchObject([{ title: 'there' }]);
  expect(await ada.runJson('list', '--server', server)).toMatchObject([{ title: 'here' }]);
  const elsewhere = await ada.run(['list'], { env: { HOLDFAST_URL: server } });
  expect(elsewhere.stdout).toMatch(/\there\n$/);
  expect(await ada.runJson('logout', '--server', server)).toEqual({ server });
  expect(await ada.runJson('list')).toMatchObject([{ title: 'there' }]);
});

test('simultaneous logins do not overwrite each other', async () => {
  const ada = await createPerson();
  const login = (to: string) =>
    ada.run(['login', ada.email, '--server', to, '--sign-up', '--name', 'Ada', '--json'], {
      env: { HOLDFAST_PASSWORD: password },
    });
  const ended = await Promise.all([login(server), login(other)]);
  expect(ended.map(({ code }) => code)).toEqual([0, 0]);
  for (const to of [server, other])
    expect(await ada.runJson('whoami', '--server', to)).toMatchObject({ email: ada.email });
  expect([server, other]).toContain((await readFile(join(ada.home, '.config/holdfast/current-server'), 'utf8')).trim());
  expect((await readdir(join(ada.home, '.config/holdfast/logins'))).length).toBe(2);
  // A read during a write returns the old or the new file.
  const calls = Array.from({ length: 4 }, () => ada.run(['whoami', '--server', server]));
  const again = ada.run(['login', ada.email, '--server', server], { env: { HOLDFAST_PASSWORD: password } });
  for (const { code, stderr } of await Promise.all([...calls, again]))
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});

test('the settings folder follows XDG_CONFIG_HOME if it is an absolute path', async () => {
  const ada = await createPerson();
  const config = join(ada.home, 'elsewhere');
  const args = ['login', ada.email, '--server', server, '--sign-up', '--name', 'Ada'];
  await ada.run(args, { env: { HOLDFAST_PASSWORD: password, XDG_CONFIG_HOME: config } });
  expect(await readdir(join(config, 'holdfast'))).toEqual(['current-server', 'logins']);
  expect((await ada.run(['whoami'])).code).toBe(1);
  const relative = await ada.run(['whoami', '--json'], { env: { XDG_CONFIG_HOME: 'elsewhere' } });
  expect(errorOf(relative)).toMatchObject({ code: 'NO_SERVER' });
});

test('the error of an ended session says how to log in again', async () => {
  const ada = await signUpPerson(server);
  const { session } = JSON.parse(await readFile(loginPath(ada, server), 'utf8')) as { session: string };
  await createClient({ url: server, storage: { load: () => session, save: () => {} } }).signOut();
  const { code, stderr } = await ada.run(['list']);
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: `Your session at ${server} has ended. Run \`tasks login --server ${server}\`.\n`,
  });
  expect(errorOf(await ada.run(['list', '--json']))).toMatchObject({ code: 'SESSION_ENDED' });
  expect((await ada.run(['logout'])).code).toBe(0);
});

test('HOLDFAST_TOKEN replaces a login, and a server without sign-in refuses a login', async () => {
  const ada = await signUpPerson(server);
  const { session } = JSON.parse(await readFile(loginPath(ada, server), 'utf8')) as { session: string };
  const eve = await createPerson();
  const env = { HOLDFAST_URL: server, HOLDFAST_TOKEN: session };
  expect((await eve.run(['whoami'], { env })).stdout).toBe(`${ada.email} (Ada) at ${server}\n`);
  const refused = await eve.run(['list', '--json'], { env: { ...env, HOLDFAST_TOKEN: 'wrong' } });
  expect(errorOf(refused)).toMatchObject({ code: 'SESSION_ENDED', message: expect.stringContaining('HOLDFAST_TOKEN') });

  const login = ['login', ada.email, '--server', trusting, '--json'];
  const nowhere = await ada.run(login, { env: { HOLDFAST_PASSWORD: password } });
  expect(nowhere.code).toBe(1);
  expect(errorOf(nowhere)).toMatchObject({ code: 'NO_LOGIN_HERE', server: trusting });
});

test('each reason for a failed login has its own code and message', async () => {
  const ada = await signUpPerson(server);
  const refused = async (args: string[], word = 'not the password') => {
    const ended = await ada.run(['login', ...args, '--json'], { env: { HOLDFAST_PASSWORD: word } });
    return { exit: ended.code, ...errorOf(ended) };
  };
  expect(await refused([ada.email])).toMatchObject({ exit: 1, code: 'INVALID_EMAIL_OR_PASSWORD' });
  expect(await refused([ada.email, '--sign-up', '--name', 'A'])).toMatchObject({ code: 'USER_ALREADY_EXISTS' });
  const newAccount = ['x@example.org', '--sign-up', '--name', 'A'];
  for (const [word, message] of [
    ['short', 'The password is too short. Use 8 to 128 characters.'],
    ['x'.repeat(200), 'The password is too long. Use 8 to 128 characters.'],
  ] as const) {
    expect(await refused(newAccount, word)).toMatchObject({ exit: 1, message });
  }
  for (const args of [['nobody'], ['nobody', '--sign-up', '--name', 'A']]) {
    const invalid = await refused(args);
    expect(invalid).toMatchObject({ code: 'INVALID_EMAIL', message: expect.stringContaining('Invalid email address') });
  }
  for (const url of ['tasks.example.com', 'ftp://x', 'http://a:b@c', 'https://x?y']) {
    expect(await refused([ada.email, '--server', url])).toMatchObject({ exit: 2, code: 'USAGE' });
  }
  expect(await refused([ada.email, '--server', 'http://tasks.example.com'])).toMatchObject({
    exit: 2,
    message: expect.stringContaining('--insecure'),
  });
  // The user who was logged in before is still logged in.
  expect(await ada.runJson('whoami')).toMatchObject({ email: ada.email });
});

test('a logout without a connection removes the login from this machine', async () => {
  const ada = await signUpPerson(server);
  const away = await startOtherServer((req) => req.socket.destroy());
  await writeFile(loginPath(ada, away), await readFile(loginPath(ada, server)), { mode: 0o600 });
  const { code, stderr } = await ada.run(['logout', '--server', away]);
  expect(code).toBe(1);
  expect(stderr).toContain('removed here');
  await expect(stat(loginPath(ada, away))).rejects.toThrow('ENOENT');
});

test('a login at a server that cannot be reached names the server and the reason, and does not report an unknown outcome', async () => {
  const [ada, gone] = [await createPerson(), await findClosedPort()];
  for (const more of [[], ['--sign-up', '--name', 'Ada']]) {
    const args = ['login', ada.email, '--server', gone, ...more];
    expect(await ada.run(args, { env: { HOLDFAST_PASSWORD: password } })).toEqual({
      code: 1,
      stdout: '',
      stderr: `${gone} does not respond (ECONNREFUSED). Check the URL and the server.\n`,
    });
  }
});

test('the error of a damaged file contains its path', async () => {
  const ada = await signUpPerson(server);
  const path = loginPath(ada, server);
  for (const text of ['', '{', '[]', 'null', '{"session": 1}']) {
    await writeFile(path, text);
    const ended = await ada.run(['list', '--json']);
    expect(ended.code).toBe(1);
    const message = `${path} is damaged. Remove it and log in again.`;
    expect(errorOf(ended)).toMatchObject({ code: 'FILE_FAILED', path, message });
  }
  await rm(path);
  expect((await ada.run(['list'])).code).toBe(1);
  const current = join(path, '../../current-server');
  await writeFile(current, '\0\0\n');
  expect(errorOf(await ada.run(['list', '--json']))).toMatchObject({ code: 'FILE_FAILED', path: current });
});

test('with a second factor, login needs a code as well, which --code gives', async () => {
  const ada = await signUpPerson(server);
  const client = createClient({ url: server });
  await client.signIn({ email: ada.email, password });
  const { secret, backupCodes } = await client.account.setUpTwoFactor({ password });
  await client.account.confirmTwoFactor({ code: createOneTimeCode(secret) });
  const login = (...more: string[]) =>
    ada.run(['login', ada.email, '--password-stdin', '--json', ...more], { input: `${password}\n` });
  expect(errorOf(await login())).toMatchObject({
    code: 'USAGE',
    message: 'Cannot prompt, because this is not a terminal. Add --code <code>.',
  });
  expect(errorOf(await login('--code', '12345'))).toMatchObject({ code: 'INVALID_CODE' });
  expect(await login('--code', createOneTimeCode(secret))).toMatchObject({ code: 0 });
  expect(await login('--code', backupCodes[0]!)).toMatchObject({ code: 0 });
});

test('if the server confirms accounts by mail, a login with --sign-up says what to do next', async () => {
  const confirming = await startServer({ SIGN_UP_CONFIRMATION: 'true' });
  const args = ['login', `${crypto.randomUUID()}@example.org`, '--server', confirming, '--json'];
  const login = (more: string[]) => ada.run([...args, ...more], { env: { HOLDFAST_PASSWORD: password } });
  const ada = await createPerson();
  const started = await login(['--sign-up', '--name', 'Ada']);
  expect([started.code, errorOf(started)]).toMatchObject([
    1,
    {
      code: 'CONFIRMATION_REQUIRED',
      message: 'A mail is on its way. Open its link, then log in without --sign-up.',
    },
  ]);
  expect(errorOf(await login([]))).toMatchObject({
    code: 'INVALID_EMAIL_OR_PASSWORD',
    message: expect.stringContaining('or the address is not confirmed.'),
  });
});
