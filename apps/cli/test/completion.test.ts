import { execFile, execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { createPerson, main, signUpPerson, type Person, startServer } from './fixture.ts';

const server = await startServer();
const end = (id: string) => id.replaceAll('-', '').slice(-8);

function has(shell: string): boolean {
  try {
    execFileSync(shell, ['-c', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Completions of the last word. */
async function complete(person: Person, ...words: string[]): Promise<string[]> {
  const { code, stdout } = await person.run(['complete', '--', ...words]);
  expect(code).toBe(0);
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split('\t')[0]!);
}

test('commands, options and their values complete without a server', async () => {
  const ada = await createPerson();
  expect(await complete(ada, '')).toEqual(expect.arrayContaining(['login', 'add', 'list', 'completion']));
  expect(await complete(ada, '')).not.toContain('complete');
  expect(await complete(ada, 'li')).toEqual(['list', 'lists']);
  expect(await complete(ada, 'list', '--o')).toEqual(['--oldest']);
  expect(await complete(ada, '--server', 'x', 'ls', '--js')).toEqual(['--json']);
  expect(await complete(ada, 'completion', '')).toEqual(['bash', 'zsh', 'fish']);
  expect(await complete(ada, 'list', '--limit', '')).toEqual([]);
  expect(await complete(ada, 'list', '--sort', 't')).toEqual(['title']);
  expect(await complete(ada, 'add', '--priority', '')).toEqual(['none', 'low', 'medium', 'high']);
  expect(await complete(ada, 'lists', 're')).toEqual(['rename', 'restore']);
  expect(await complete(ada, 'add', '')).toEqual([]);
  expect(await complete(ada, 'add', '--', '-')).toEqual([]);
  expect(await complete(ada, 'done', '')).toEqual([]);
});

test('done completes the ids of open tasks; reopen and undo complete the ids of done tasks', async () => {
  const ada = await signUpPerson(server);
  const open = await ada.runJson('add', 'tab\there \u001b[2J');
  const done = await ada.runJson('add', 'done');
  await ada.run(['done', done.id]);
  expect(await complete(ada, 'done', '')).toEqual([end(open.id)]);
  expect(await complete(ada, 'done', end(open.id).slice(0, 3))).toEqual([end(open.id)]);
  for (const name of ['undo', 'reopen']) expect(await complete(ada, name, '')).toEqual([end(done.id)]);
  expect(await complete(ada, 'done', 'zz')).toEqual([]);
  const { stdout } = await ada.run(['complete', '--', 'done', '']);
  expect(stdout).toBe(`${end(open.id)}\ttab\\u0009here \\u001b[2J\n`);
});

test('names of lists and labels complete', async () => {
  const ada = await signUpPerson(server);
  await ada.run(['lists', 'add', 'Money']);
  await ada.run(['lists', 'add', 'Two', 'words']);
  await ada.runJson('add', 'Pay #home');
  expect(await complete(ada, 'list', '--list', '')).toEqual(['Money']);
  expect(await complete(ada, 'lists', 'rename', 'M')).toEqual(['Money']);
  expect(await complete(ada, 'add', '--label', '')).toEqual(['home']);
  expect(await complete(ada, 'labels', 'rename', 'h')).toEqual(['home']);
});

for (const shell of ['bash', 'zsh', 'fish']) {
  test.skipIf(!has(shell))(`${shell} accepts its completion script`, async () => {
    const ada = await createPerson();
    const { stdout } = await ada.run(['completion', shell]);
    const path = join(ada.home, 'script');
    await writeFile(path, stdout);
    expect(await promisify(execFile)(shell, ['-n', path])).toEqual({ stdout: '', stderr: '' });
  });
}

/** Creates a folder for PATH that contains `tasks`. */
async function install({ home }: Person): Promise<string> {
  const bin = join(home, 'bin');
  await mkdir(bin);
  await writeFile(join(bin, 'tasks'), `#!/bin/sh\nexec '${process.execPath}' '${main}' "$@"\n`, { mode: 0o755 });
  return bin;
}

test.skipIf(!has('bash'))('bash completes ids and runs no part of the command line', async () => {
  const ada = await signUpPerson(server);
  const { id } = await ada.runJson('add', 'Water $(touch "$HOME/pwned") the plants');
  const script = `
    eval "$(tasks completion bash)"
    COMP_WORDS=(tasks done '$(touch "$HOME/pwned")' '${end(id).slice(0, 2)}') COMP_CWORD=3
    _tasks
    echo "\${COMPREPLY[@]}"
    ls "$HOME"`;
  const env = { ...ada.env, PATH: `${await install(ada)}:${ada.env['PATH']}` };
  const { stdout } = await promisify(execFile)('bash', ['-c', script], { env });
  expect(stdout).toBe(`${end(id)}\nbin\n`);
});

test.skipIf(!has('fish'))('fish completes ids with their titles', async () => {
  const ada = await signUpPerson(server);
  const { id } = await ada.runJson('add', 'Water the plants');
  const env = { ...ada.env, PATH: `${await install(ada)}:${ada.env['PATH']}` };
  const line = 'tasks completion fish | source; complete -C "tasks done "; complete -C "tasks li"';
  const { stdout } = await promisify(execFile)('fish', ['-c', line], { env });
  expect(stdout).toBe(
    `${end(id)}\tWater the plants\nlist\tlist open tasks, newest first\nlists\tshow your lists, or add, rename, delete or restore one\n`,
  );
});
