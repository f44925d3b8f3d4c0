import { chmod, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createClient } from '@holdfast/client';
import { expect, test } from 'vitest';
import { arrive, errorOf, findClosedPort, loginPath, meet, password, startServer, startStranger } from './fixture.ts';

const server = await startServer();
const other = await startServer();
/** Where one does not log in: the tokens are another's. */
const trusting = await startServer({
  AUTH_ISSUER: 'https://issuer.example.org',
  AUTH_AUDIENCE: 'tasks',
  AUTH_JWKS_URL: 'https://issuer.example.org/keys',
});
const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);

test('logs in, says who it is, and logs out at the server, too', async () => {
  const ada = await meet(server);
  const path = loginPath(ada, server);
  const kept = JSON.parse(await readFile(path, 'utf8')) as { session: string };
  expect(kept).toEqual({ server, email: ada.email, session: expect.any(String) });
  expect(await ada.ask('whoami')).toEqual({
    server,
    id: expect.any(String),
    email: ada.email,
    name: 'Ada',
    createdAt: expect.any(String),
  });
  expect((await ada.run(['whoami'])).stdout).toBe(`${ada.email} (Ada) at ${server}\n`);
  expect(await ada.ask('logout')).toEqual({ server });
  await expect(stat(path)).rejects.toThrow('ENOENT');
  const client = createClient({ url: server, getToken: () => kept.session });
  await expect(client.user.me()).rejects.toMatchObject({ code: 'UNAUTHORIZED' });

  const after = await ada.run(['list', '--json']);
  expect(after).toMatchObject({ code: 1, stdout: '' });
  expect(errorOf(after)).toMatchObject({ code: 'NOT_LOGGED_IN', server });
  // The server is remembered; the password comes through the input.
  const again = await ada.run(['login', ada.email, '--password-stdin', '--json'], { input: `${password}\n` });
  expect(JSON.parse(again.stdout)).toEqual({ server, id: expect.any(String), email: ada.email, name: 'Ada' });
});

test('what is kept is for this user only, and is mended where it is not', async () => {
  const ada = await meet(server);
  const path = loginPath(ada, server);
  const folders = [join(path, '..'), join(path, '../..')];
  for (const folder of folders) expect(await modeOf(folder)).toBe('700');
  expect(await modeOf(path)).toBe('600');
  await chmod(path, 0o644);
  await chmod(folders[1]!, 0o755);
  const { code, stderr } = await ada.run(['list']);
  expect(code).toBe(0);
  expect(stderr).toContain(`${path} was open to others (mode 644, now 600)`);
  expect(stderr).toContain('(mode 755, now 700)');
  expect(await modeOf(path)).toBe('600');
  expect(await modeOf(folders[1]!)).toBe('700');
  expect((await ada.run(['list'])).stderr).toBe('');
  await chmod(path, 0o640);
  expect(JSON.parse((await ada.run(['list', '--json'])).stderr)).toMatchObject({
    warning: { message: expect.any(String) },
  });
});

test('one is logged in at several servers, the latest of which is meant where none is named', async () => {
  const ada = await meet(server);
  await ada.run(['add', 'here']);
  const there = ['login', ada.email, '--server', `${other}/`, '--sign-up', '--name', 'Ada'];
  expect((await ada.run(there, { env: { HOLDFAST_PASSWORD: password } })).code).toBe(0);
  await ada.run(['add', 'there']);
  expect(await ada.ask('list')).toMatchObject([{ title: 'there' }]);
  expect(await ada.ask('list', '--server', server)).toMatchObject([{ title: 'here' }]);
  const elsewhere = await ada.run(['list'], { env: { HOLDFAST_URL: server } });
  expect(elsewhere.stdout).toMatch(/\there\n$/);
  expect(await ada.ask('logout', '--server', server)).toEqual({ server });
  expect(await ada.ask('list')).toMatchObject([{ title: 'there' }]);
});

test('logins at once lose nothing of each other', async () => {
  const ada = await arrive();
  const login = (to: string) =>
    ada.run(['login', ada.email, '--server', to, '--sign-up', '--name', 'Ada', '--json'], {
      env: { HOLDFAST_PASSWORD: password },
    });
  const ended = await Promise.all([login(server), login(other)]);
  expect(ended.map(({ code }) => code)).toEqual([0, 0]);
  for (const to of [server, other]) expect(await ada.ask('whoami', '--server', to)).toMatchObject({ email: ada.email });
  expect([server, other]).toContain((await readFile(join(ada.home, '.config/holdfast/current-server'), 'utf8')).trim());
  expect((await readdir(join(ada.home, '.config/holdfast/logins'))).length).toBe(2);
  // Whoever reads while somebody writes sees the whole of one or the other.
  const calls = Array.from({ length: 4 }, () => ada.run(['whoami', '--server', server]));
  const again = ada.run(['login', ada.email, '--server', server], { env: { HOLDFAST_PASSWORD: password } });
  for (const { code, stderr } of await Promise.all([...calls, again]))
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});

test('the folder is where the system says', async () => {
  const ada = await arrive();
  const config = join(ada.home, 'elsewhere');
  const args = ['login', ada.email, '--server', server, '--sign-up', '--name', 'Ada'];
  await ada.run(args, { env: { HOLDFAST_PASSWORD: password, XDG_CONFIG_HOME: config } });
  expect(await readdir(join(config, 'holdfast'))).toEqual(['current-server', 'logins']);
  expect((await ada.run(['whoami'])).code).toBe(1);
  const relative = await ada.run(['whoami', '--json'], { env: { XDG_CONFIG_HOME: 'elsewhere' } });
  expect(errorOf(relative)).toMatchObject({ code: 'NO_SERVER' });
});

test('a session that has ended says how to begin another', async () => {
  const ada = await meet(server);
  const { session } = JSON.parse(await readFile(loginPath(ada, server), 'utf8')) as { session: string };
  await createClient({ url: server, storage: { load: () => session, save: () => {} } }).signOut();
  const { code, stderr } = await ada.run(['list']);
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: `Your session at ${server} has ended: log in again with \`tasks login --server ${server}\`.\n`,
  });
  expect(errorOf(await ada.run(['list', '--json']))).toMatchObject({ code: 'SESSION_ENDED' });
  expect((await ada.run(['logout'])).code).toBe(0);
});

test('a token takes the place of a login, as where the server trusts another issuer', async () => {
  const ada = await meet(server);
  const { session } = JSON.parse(await readFile(loginPath(ada, server), 'utf8')) as { session: string };
  const eve = await arrive();
  const env = { HOLDFAST_URL: server, HOLDFAST_TOKEN: session };
  expect((await eve.run(['whoami'], { env })).stdout).toBe(`${ada.email} (Ada) at ${server}\n`);
  const refused = await eve.run(['list', '--json'], { env: { ...env, HOLDFAST_TOKEN: 'wrong' } });
  expect(errorOf(refused)).toMatchObject({ code: 'SESSION_ENDED', message: expect.stringContaining('HOLDFAST_TOKEN') });

  const login = ['login', ada.email, '--server', trusting, '--json'];
  const nowhere = await ada.run(login, { env: { HOLDFAST_PASSWORD: password } });
  expect(nowhere.code).toBe(1);
  expect(errorOf(nowhere)).toMatchObject({ code: 'NO_LOGIN_HERE', server: trusting });
});

test('what is wrong with a login is said in a sentence', async () => {
  const ada = await meet(server);
  const refused = async (args: string[], word = 'not the password') => {
    const ended = await ada.run(['login', ...args, '--json'], { env: { HOLDFAST_PASSWORD: word } });
    return { exit: ended.code, ...errorOf(ended) };
  };
  expect(await refused([ada.email])).toMatchObject({ exit: 1, code: 'INVALID_EMAIL_OR_PASSWORD' });
  expect(await refused([ada.email, '--sign-up', '--name', 'A'])).toMatchObject({ code: 'USER_ALREADY_EXISTS' });
  const somebody = ['x@example.org', '--sign-up', '--name', 'A'];
  for (const [word, message] of [
    ['short', 'The server wants a longer password: choose another.'],
    ['x'.repeat(200), 'The server wants a shorter password: choose another.'],
  ] as const) {
    expect(await refused(somebody, word)).toMatchObject({ exit: 1, message });
  }
  for (const args of [['nobody'], ['nobody', '--sign-up', '--name', 'A']]) {
    const noAddress = await refused(args);
    expect(noAddress).toMatchObject({ code: 'INVALID_EMAIL', message: expect.stringContaining('no e-mail address') });
  }
  for (const url of ['tasks.example.com', 'ftp://x', 'http://a:b@c', 'https://x?y']) {
    expect(await refused([ada.email, '--server', url])).toMatchObject({ exit: 2, code: 'USAGE' });
  }
  expect(await refused([ada.email, '--server', 'http://tasks.example.com'])).toMatchObject({
    exit: 2,
    message: expect.stringContaining('--insecure'),
  });
  // Whoever was logged in before still is.
  expect(await ada.ask('whoami')).toMatchObject({ email: ada.email });
});

test('logging out without a way to the server still logs out here', async () => {
  const ada = await meet(server);
  const away = await startStranger((req) => req.socket.destroy());
  await writeFile(loginPath(ada, away), await readFile(loginPath(ada, server)), { mode: 0o600 });
  const { code, stderr } = await ada.run(['logout', '--server', away]);
  expect(code).toBe(1);
  expect(stderr).toContain('forgotten here');
  await expect(stat(loginPath(ada, away))).rejects.toThrow('ENOENT');
});

test('where nothing listens, logging in says so, and leaves nothing in doubt', async () => {
  const [ada, gone] = [await arrive(), await findClosedPort()];
  for (const more of [[], ['--sign-up', '--name', 'Ada']]) {
    const args = ['login', ada.email, '--server', gone, ...more];
    expect(await ada.run(args, { env: { HOLDFAST_PASSWORD: password } })).toEqual({
      code: 1,
      stdout: '',
      stderr: `${gone} does not answer (ECONNREFUSED): check the address, and whether the server runs.\n`,
    });
  }
});

test('a damaged file is named', async () => {
  const ada = await meet(server);
  const path = loginPath(ada, server);
  for (const text of ['', '{', '[]', '{"session": 1}']) {
    await writeFile(path, text);
    const ended = await ada.run(['list', '--json']);
    expect(ended.code).toBe(1);
    expect(errorOf(ended)).toMatchObject({ code: 'FILE_FAILED', path });
  }
  await rm(path);
  expect((await ada.run(['list'])).code).toBe(1);
  const current = join(path, '../../current-server');
  await writeFile(current, '\0\0\n');
  expect(errorOf(await ada.run(['list', '--json']))).toMatchObject({ code: 'FILE_FAILED', path: current });
});
