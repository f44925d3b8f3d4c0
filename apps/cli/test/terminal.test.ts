import { EventEmitter, once } from 'node:events';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { createClient, type Task } from '@holdfast/client';
import getWidth from 'fast-string-truncated-width';
import { describe, expect, test } from 'vitest';
import {
  createPerson,
  atTerminal,
  hasTerminal,
  loginPath,
  signUpPerson,
  password,
  type Person,
  writeFakeLogin,
  startServer,
  startOtherServer,
} from './fixture.ts';

const server = await startServer();
const end = (id: string) => id.replaceAll('-', '').slice(-8);
// oxlint-disable-next-line no-control-regex
const withoutColors = (screen: string) => screen.replaceAll(/\u001b\[\d+m/g, '').replaceAll('\r', '');

/** Creates an editor that runs this script. `$2` is the path of the file. */
async function makeEditor({ home }: Person, script: string): Promise<Record<string, string>> {
  const path = join(home, 'editor with a space');
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
  return { EDITOR: `'${path}' --wait`, VISUAL: '' };
}

describe.skipIf(!hasTerminal)('at a terminal', () => {
  test('login prompts for its values and does not show the password', async () => {
    const ada = await createPerson();
    const { code, screen } = await atTerminal(ada, 'tasks login --sign-up', {
      exchanges: [
        [/Server/, `${server}\r`],
        [/Email/, `${ada.email}\r`],
        [/Name/, 'Ada\r'],
        [/Password/, `${password}\r`],
        [/Repeat/, `${password}\r`],
      ],
    });
    expect({ code, screen }).toEqual({
      code: 0,
      screen: expect.stringContaining(`Logged in at ${server} as ${ada.email}.`),
    });
    expect(screen).not.toContain(password);
    expect(await ada.runJson('whoami')).toMatchObject({ email: ada.email, server });
  });

  test('list shows short ids, ages and colors and fits the terminal', async () => {
    const ada = await signUpPerson(server);
    const titles = [
      '日本語の長いタイトル'.repeat(8),
      '👩‍👩‍👧 👨🏽‍🚒 '.repeat(20),
      'e\u0301'.repeat(100),
      'short',
      'evil \u001b[2J',
    ];
    for (const title of titles) await ada.run(['add', '--', title]);
    const tasks = await ada.runJson<Task[]>('list', '--oldest');
    await ada.run(['done', tasks[3]!.id]);
    const { code, screen } = await atTerminal(ada, 'stty cols 50; tasks list --all --oldest');
    expect(code).toBe(0);
    expect(screen).toContain('\u001b[33m');
    const lines = withoutColors(screen).trimEnd().split('\n');
    expect(lines).toHaveLength(titles.length);
    for (const [index, line] of lines.entries()) {
      expect(getWidth(line).width).toBeLessThanOrEqual(50);
      expect(line).toMatch(new RegExp(`^${end(tasks[index]!.id)}  (now|\\d+m) +`));
    }
    expect(lines.slice(0, 3).every((line) => line.endsWith('…'))).toBe(true);
    expect(lines[3]).toMatch(/✓ short$/);
    expect(lines[4]).toContain('evil \\u001b[2J');
    expect(await atTerminal(ada, `tasks show ${end(tasks[3]!.id)}`)).toMatchObject({ code: 0 });
  });

  test('list shows 50 tasks and says that there are more', async () => {
    const ada = await signUpPerson(server);
    const { session } = JSON.parse(await readFile(loginPath(ada, server), 'utf8')) as { session: string };
    const { task } = createClient({ url: server, getToken: () => session });
    await Promise.all(Array.from({ length: 51 }, (_, index) => task.create({ title: `task ${index}` })));
    const { screen } = await atTerminal(ada, 'tasks list');
    expect(screen.match(/task \d+/g)).toHaveLength(50);
    expect(screen).toContain('There are more than 50 tasks. Show more with --limit <n>.');
    expect((await atTerminal(ada, 'tasks list -n 2')).screen).not.toContain('more');
    expect((await ada.run(['list'])).stdout.match(/\n/g)).toHaveLength(51);
  });

  test('colors appear only at a terminal, unless NO_COLOR or FORCE_COLOR is set', async () => {
    const ada = await signUpPerson(server);
    await ada.run(['add', 'a']);
    const color = '\u001b[';
    expect((await atTerminal(ada, 'tasks list')).screen).toContain(color);
    expect((await atTerminal(ada, 'tasks list', { env: { NO_COLOR: '1' } })).screen).not.toContain(color);
    expect((await atTerminal(ada, 'tasks list', { env: { FORCE_COLOR: '0' } })).screen).not.toContain(color);
    expect((await atTerminal(ada, 'tasks list | cat')).screen).not.toContain(color);
    expect((await ada.run(['list'])).stdout).not.toContain(color);
    expect((await ada.run(['list'], { env: { FORCE_COLOR: '1' } })).stdout).toContain(color);
    expect((await ada.run(['show', 'ffff'])).stderr).not.toContain(color);
    expect((await ada.run(['list', '--json'], { env: { FORCE_COLOR: '1' } })).stdout).not.toContain(color);
  });

  test('rm asks for confirmation with the escaped title', async () => {
    const ada = await signUpPerson(server);
    const { id } = await ada.runJson('add', '--', 'evil \u001b[2J');
    const refused = await atTerminal(ada, `tasks rm ${end(id)}`, {
      exchanges: [[/Move .*evil \\u001b\[2J.* to the trash/, 'n']],
    });
    expect(refused.code).toBe(1);
    expect(refused.screen).toContain('Nothing changed.');
    expect((await atTerminal(ada, `tasks rm ${end(id)}`, { exchanges: [[/Move/, '\u0003']] })).code).toBe(130);
    expect(await ada.runJson('list')).toHaveLength(1);
    expect((await atTerminal(ada, `tasks rm --json ${id} | cat`, { exchanges: [[/Move/, 'y']] })).screen).toContain(
      `[{"id":"${id}"}]`,
    );
    expect(await ada.runJson('list')).toEqual([]);
  });

  test('edit opens the editor and saves the changed fields', async () => {
    const ada = await signUpPerson(server);
    const { id } = await ada.runJson('add', 'first', '-d', 'line 1\n\nline 2');
    const look = await makeEditor(ada, `[ "$1" = --wait ] && cp "$2" "$HOME/seen"`);
    const unchanged = await atTerminal(ada, `tasks edit ${end(id)}`, { env: look });
    expect(unchanged).toMatchObject({ code: 0, screen: expect.stringContaining('Unchanged') });
    expect(await readFile(join(ada.home, 'seen'), 'utf8')).toBe('first\n\nline 1\n\nline 2\n');

    const change = await makeEditor(ada, `printf 'second\\n\\nother\\n' > "$2"`);
    expect((await atTerminal(ada, `tasks edit ${end(id)}`, { env: change })).code).toBe(0);
    expect(await ada.runJson('show', id)).toMatchObject({ title: 'second', description: 'other', version: 2 });

    const clear = await makeEditor(ada, `printf 'second\\n' > "$2"`);
    expect((await atTerminal(ada, `tasks edit ${id} --json | cat`, { env: clear })).screen).toContain(
      '"description":null',
    );

    const fail = await makeEditor(ada, 'exit 3');
    const failed = await atTerminal(ada, `tasks edit ${id}`, { env: fail });
    expect(failed).toMatchObject({ code: 1, screen: expect.stringContaining('Set VISUAL or EDITOR') });
    expect((await atTerminal(ada, `tasks edit ${id}`, { env: { EDITOR: 'no-such-editor' } })).code).toBe(1);
  });

  test('Enter at the prompt for the server uses the proposed server', async () => {
    const ada = await signUpPerson(server);
    const { code, screen } = await atTerminal(ada, `tasks login ${ada.email}`, {
      exchanges: [
        [/Server/, '\r'],
        [/Password/, `${password}\r`],
      ],
    });
    expect({ code, screen }).toEqual({ code: 0, screen: expect.stringContaining(`Logged in at ${server} as`) });
  });

  test('a text that the editor saved as Latin-1 is refused and stays in its file', async () => {
    const ada = await signUpPerson(server);
    const { id } = await ada.runJson('add', 'first');
    const latin1 = await makeEditor(ada, `printf 'caf\\351\\n' > "$2"`);
    const { code, screen } = await atTerminal(ada, `tasks edit ${id}`, { env: latin1 });
    expect(code).toBe(2);
    expect(screen).toContain('The file is not valid UTF-8.');
    const path = /saved in (\S+)\./.exec(screen)![1]!;
    expect(await readFile(path)).toEqual(Buffer.from('caf\xe9\n', 'latin1'));
    expect(await ada.runJson('show', id)).toMatchObject({ title: 'first', version: 1 });
  });

  test('the text from the editor is saved in a file if the task has changed', async () => {
    const ada = await signUpPerson(server);
    const { id } = await ada.runJson('add', 'first');
    const script = `'${process.execPath}' '${new URL('../src/main.ts', import.meta.url).pathname}' edit ${id} -t meanwhile; echo mine > "$2"`;
    const { code, screen } = await atTerminal(ada, `tasks edit ${id}`, { env: await makeEditor(ada, script) });
    expect(code).toBe(1);
    expect(screen).toContain('title    meanwhile');
    const path = /saved in (\S+)\./.exec(screen)![1]!;
    expect(await readFile(path, 'utf8')).toBe('mine\n');
  });

  test('a call that does not return reports that it waits, and Ctrl+C ends it', async () => {
    const ada = await createPerson();
    const calls = new EventEmitter();
    const hanging = await startOtherServer(() => void calls.emit('call'));
    await writeFakeLogin(ada, hanging);
    const whenCalled = () => once(calls, 'call');
    const list = await atTerminal(ada, `tasks list --server ${hanging}`, {
      exchanges: [[new RegExp(`Waiting for ${hanging} …`), '\u0003']],
    });
    expect(list).toMatchObject({ code: 130, screen: expect.stringContaining('Cancelled.') });
    expect(list.screen).not.toContain('unknown');
    const add = await atTerminal(ada, `tasks add x --server ${hanging}`, { interruptAfter: whenCalled() });
    expect(add).toMatchObject({ code: 130, screen: expect.stringContaining('The outcome is unknown.') });
  });

  test('Ctrl+C ends a prompt and a read from stdin', async () => {
    const ada = await signUpPerson(server);
    const login = `tasks login --server ${server}`;
    expect((await atTerminal(ada, login, { exchanges: [[/Email/, '\u0003']] })).code).toBe(130);
    const waiting = setTimeout(1500);
    // Ctrl+D closes stdin.
    const left = await atTerminal(ada, login, { exchanges: [[/Email/, '\u0004']] });
    expect(left.code).toBe(130);
    expect((await atTerminal(ada, 'tasks add -', { interruptAfter: waiting })).code).toBe(130);
    expect(await ada.runJson('list')).toEqual([]);
  });
});
