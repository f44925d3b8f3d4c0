import { EventEmitter, once } from 'node:events';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { createClient, type Task } from '@holdfast/client';
import getWidth from 'fast-string-truncated-width';
import { describe, expect, test } from 'vitest';
import {
  arrive,
  atTerminal,
  hasTerminal,
  loginPath,
  meet,
  password,
  type Person,
  pretendLogin,
  startServer,
  startStranger,
} from './fixture.ts';

const server = await startServer();
const end = (id: string) => id.replaceAll('-', '').slice(-8);
// oxlint-disable-next-line no-control-regex
const withoutColours = (screen: string) => screen.replaceAll(/\u001b\[\d+m/g, '').replaceAll('\r', '');

/** An editor that does this with the file; `$1` is its path. */
async function makeEditor({ home }: Person, script: string): Promise<Record<string, string>> {
  const path = join(home, 'editor with a space');
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
  return { EDITOR: `'${path}' --wait`, VISUAL: '' };
}

describe.skipIf(!hasTerminal)('at a terminal', () => {
  test('logs in with what is asked for, and shows no password', async () => {
    const ada = await arrive();
    const { code, screen } = await atTerminal(ada, 'tasks login --sign-up', {
      exchanges: [
        [/Server/, `\u0015${server}\r`],
        [/E-mail/, `${ada.email}\r`],
        [/Name/, 'Ada\r'],
        [/Password/, `${password}\r`],
        [/again/, `${password}\r`],
      ],
    });
    expect({ code, screen }).toEqual({
      code: 0,
      screen: expect.stringContaining(`Logged in at ${server} as ${ada.email}.`),
    });
    expect(screen).not.toContain(password);
    expect(await ada.ask('whoami')).toMatchObject({ email: ada.email, server });
  });

  test('a list has short ids, ages and colours, and fits the terminal', async () => {
    const ada = await meet(server);
    const titles = [
      '日本語の長いタイトル'.repeat(8),
      '👩‍👩‍👧 👨🏽‍🚒 '.repeat(20),
      'e\u0301'.repeat(100),
      'short',
      'evil \u001b[2J',
    ];
    for (const title of titles) await ada.run(['add', '--', title]);
    const tasks = await ada.ask<Task[]>('list', '--oldest');
    await ada.run(['done', tasks[3]!.id]);
    const { code, screen } = await atTerminal(ada, 'stty cols 50; tasks list --all --oldest');
    expect(code).toBe(0);
    expect(screen).toContain('\u001b[33m');
    const lines = withoutColours(screen).trimEnd().split('\n');
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

  test('a long list ends after 50, and says so', async () => {
    const ada = await meet(server);
    const { session } = JSON.parse(await readFile(loginPath(ada, server), 'utf8')) as { session: string };
    const { task } = createClient({ url: server, getToken: () => session });
    await Promise.all(Array.from({ length: 51 }, (_, index) => task.create({ title: `task ${index}` })));
    const { screen } = await atTerminal(ada, 'tasks list');
    expect(screen.match(/task \d+/g)).toHaveLength(50);
    expect(screen).toContain('There are more than 50: --limit <n> shows so many.');
    expect((await atTerminal(ada, 'tasks list -n 2')).screen).not.toContain('more');
    expect((await ada.run(['list'])).stdout.match(/\n/g)).toHaveLength(51);
  });

  test('colours are for terminals, unless somebody wants it otherwise', async () => {
    const ada = await meet(server);
    await ada.run(['add', 'a']);
    const colour = '\u001b[';
    expect((await atTerminal(ada, 'tasks list')).screen).toContain(colour);
    expect((await atTerminal(ada, 'tasks list', { env: { NO_COLOR: '1' } })).screen).not.toContain(colour);
    expect((await atTerminal(ada, 'tasks list', { env: { FORCE_COLOR: '0' } })).screen).not.toContain(colour);
    expect((await atTerminal(ada, 'tasks list | cat')).screen).not.toContain(colour);
    expect((await ada.run(['list'])).stdout).not.toContain(colour);
    expect((await ada.run(['list'], { env: { FORCE_COLOR: '1' } })).stdout).toContain(colour);
    expect((await ada.run(['show', 'ffff'])).stderr).not.toContain(colour);
    expect((await ada.run(['list', '--json'], { env: { FORCE_COLOR: '1' } })).stdout).not.toContain(colour);
  });

  test('rm asks, with the title as a terminal may show it', async () => {
    const ada = await meet(server);
    const { id } = await ada.ask('add', '--', 'evil \u001b[2J');
    const said = await atTerminal(ada, `tasks rm ${end(id)}`, { exchanges: [[/Delete .*evil \\u001b\[2J/, 'n']] });
    expect(said.code).toBe(1);
    expect(said.screen).toContain('Nothing was deleted.');
    expect((await atTerminal(ada, `tasks rm ${end(id)}`, { exchanges: [[/Delete/, '\u0003']] })).code).toBe(130);
    expect(await ada.ask('list')).toHaveLength(1);
    expect((await atTerminal(ada, `tasks rm --json ${id} | cat`, { exchanges: [[/Delete/, 'y']] })).screen).toContain(
      `[{"id":"${id}"}]`,
    );
    expect(await ada.ask('list')).toEqual([]);
  });

  test('edit opens the editor, and saves what is another', async () => {
    const ada = await meet(server);
    const { id } = await ada.ask('add', 'first', '-d', 'line 1\n\nline 2');
    const look = await makeEditor(ada, `[ "$1" = --wait ] && cp "$2" "$HOME/seen"`);
    const unchanged = await atTerminal(ada, `tasks edit ${end(id)}`, { env: look });
    expect(unchanged).toMatchObject({ code: 0, screen: expect.stringContaining('Unchanged') });
    expect(await readFile(join(ada.home, 'seen'), 'utf8')).toBe('first\n\nline 1\n\nline 2\n');

    const change = await makeEditor(ada, `printf 'second\\n\\nother\\n' > "$2"`);
    expect((await atTerminal(ada, `tasks edit ${end(id)}`, { env: change })).code).toBe(0);
    expect(await ada.ask('show', id)).toMatchObject({ title: 'second', description: 'other', version: 2 });

    const clear = await makeEditor(ada, `printf 'second\\n' > "$2"`);
    expect((await atTerminal(ada, `tasks edit ${id} --json | cat`, { env: clear })).screen).toContain(
      '"description":null',
    );

    const fail = await makeEditor(ada, 'exit 3');
    const failed = await atTerminal(ada, `tasks edit ${id}`, { env: fail });
    expect(failed).toMatchObject({ code: 1, screen: expect.stringContaining('set VISUAL or EDITOR') });
    expect((await atTerminal(ada, `tasks edit ${id}`, { env: { EDITOR: 'no-such-editor' } })).code).toBe(1);
  });

  test('what was written in the editor is not lost in a conflict', async () => {
    const ada = await meet(server);
    const { id } = await ada.ask('add', 'first');
    const script = `'${process.execPath}' '${new URL('../src/main.ts', import.meta.url).pathname}' edit ${id} -t meanwhile; echo mine > "$2"`;
    const { code, screen } = await atTerminal(ada, `tasks edit ${id}`, { env: await makeEditor(ada, script) });
    expect(code).toBe(1);
    expect(screen).toContain('title    meanwhile');
    const kept = /kept in (\S+)\./.exec(screen)![1]!;
    expect(await readFile(kept, 'utf8')).toBe('mine\n');
  });

  test('Ctrl+C ends a call that hangs', async () => {
    const ada = await arrive();
    const calls = new EventEmitter();
    const hanging = await startStranger(() => void calls.emit('call'));
    await pretendLogin(ada, hanging);
    const whenCalled = () => once(calls, 'call');
    const list = await atTerminal(ada, `tasks list --server ${hanging}`, { interruptAfter: whenCalled() });
    expect(list).toMatchObject({ code: 130, screen: expect.stringContaining('Stopped.') });
    expect(list.screen).not.toContain('unknown');
    const add = await atTerminal(ada, `tasks add x --server ${hanging}`, { interruptAfter: whenCalled() });
    expect(add).toMatchObject({ code: 130, screen: expect.stringContaining('Whether it has happened is unknown') });
  });

  test('Ctrl+C ends a question, and waiting for the input', async () => {
    const ada = await meet(server);
    const login = `tasks login --server ${server}`;
    expect((await atTerminal(ada, login, { exchanges: [[/E-mail/, '\u0003']] })).code).toBe(130);
    const waiting = setTimeout(1500);
    // Nobody is there any more.
    const left = await atTerminal(ada, login, { exchanges: [[/E-mail/, '\u0004']] });
    expect(left.code).toBe(130);
    expect((await atTerminal(ada, 'tasks add -', { interruptAfter: waiting })).code).toBe(130);
    expect(await ada.ask('list')).toEqual([]);
  });
});
