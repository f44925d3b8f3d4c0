import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { Agent, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';
import getPort from 'get-port';
import { afterAll, expect, test } from 'vitest';
import { openDatabaseUrl, signUp } from '../fixture.ts';
import { follow } from '../live/follow.ts';
import { end, makeDataDir, startServer } from '../running-server.ts';

const page = await readFile(new URL('../../../../docs/behind-a-proxy.md', import.meta.url), 'utf8');
const blocksOf = (language: string) =>
  [...page.matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 'gs'))].map(([, block]) => block!);

const missing = findMissing();
if (missing !== undefined)
  console.warn(`Skipped: test/http/behind-a-proxy.test.ts, for ${missing} is not installed here.`);

const folder = await mkdtemp(join(tmpdir(), 'holdfast-nginx-'));
const closables: (() => unknown)[] = [() => rm(folder, { recursive: true, force: true })];
afterAll(async () => {
  for (const close of closables.toReversed()) await close();
});

test.skipIf(missing !== undefined)(
  'while the documented script restarts two servers behind the documented nginx, no request fails and no stream misses a change',
  async () => {
    const host = '127.0.0.1';
    const [first, second, https] = [await getPort({ host }), await getPort({ host }), await getPort({ host })];
    const env = {
      DATABASE_URL: await openDatabaseUrl(),
      HOLDFAST_DATA_DIR: await makeDataDir(),
      TRUST_PROXY: '1',
      RATE_LIMIT_PER_MINUTE: '0',
    };
    const start = (port: number) =>
      startServer({ ...env, PORT: String(port), PUBLIC_URL: `https://127.0.0.1:${https}` });
    const running = new Map([
      [first, await start(first)],
      [second, await start(second)],
    ]);
    const { jwt } = await signUp(running.get(first)!.base, 'proxy@example.org');

    // Stands for systemd: restarts the server of a port, and responds when the old process has ended and the new one listens.
    const restarts: number[] = [];
    const restartServer = async (port: number) => {
      restarts.push(port);
      expect(await end(running.get(port)!.process, 'SIGTERM')).toBe(0);
      running.set(port, await start(port));
    };
    const systemd = createServer((req, res) => {
      restartServer(Number(req.url!.slice(1))).then(
        () => res.end(),
        (error: unknown) => res.writeHead(500).end(String(error)),
      );
    });
    await listen(systemd);
    const toLocal = (block: string) =>
      block
        .replaceAll('3001', String(first))
        .replaceAll('3002', String(second))
        .replaceAll('listen 443', `listen 127.0.0.1:${https}`)
        .replaceAll('/etc/letsencrypt/live/tasks.example.com', folder)
        .replaceAll('/etc/nginx', folder)
        .replaceAll('/run/nginx.pid', join(folder, 'nginx.pid'));
    await startNginx(blocksOf('nginx').map(toLocal));

    // Clients that read and write all the time. A reload closes idle connections, so each call opens one.
    const restart = new AbortController();
    const statuses = new Map<number, number>();
    const agent = new Agent({ keepAlive: false, rejectUnauthorized: false });
    closables.push(() => agent.destroy());
    const created = new Set<string>();
    const send = (method: string, path: string, body?: string) =>
      new Promise<number>((resolve, reject) => {
        const headers = { authorization: `Bearer ${jwt}`, 'content-type': 'application/json' };
        const call = request({ agent, host: '127.0.0.1', port: https, method, path, headers }, (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (part: string) => (text += part));
          response.on('end', () => {
            const id = method === 'POST' && /"id":"([^"]+)"/.exec(text)?.[1];
            if (id) created.add(id);
            resolve(response.statusCode!);
          });
        });
        call.on('error', reject).end(body);
      });
    const client = async () => {
      for (let calls = 0; !restart.signal.aborted || calls < 10; calls += 1) {
        for (const call of [send('GET', '/trpc/task.list'), send('POST', '/trpc/task.create', '{"title":"x"}')]) {
          const status = await call;
          statuses.set(status, (statuses.get(status) ?? 0) + 1);
        }
      }
    };
    // Events pass through nginx at once, although the response has no end.
    const following = new AbortController();
    const followers = [1, 2].map(() => follow(https, jwt, following.signal));
    expect(await send('POST', '/trpc/task.create', '{"title":"first"}')).toBe(200);
    for (const { ids } of followers) await expect.poll(() => ids).toEqual(created);
    const clients = Promise.all([client(), client(), client(), client()]);

    const bin = join(folder, 'bin');
    await mkdir(bin);
    const { port } = systemd.address() as AddressInfo;
    const program = (name: string, command: string) =>
      writeFile(join(bin, name), `#!/bin/sh\nexec ${command}\n`, { mode: 0o755 });
    await program('systemctl', `curl -fsS "http://127.0.0.1:${port}/\${2#holdfast@}"`);
    await program('nginx', `${nginx} -p ${folder} -c ${folder}/nginx.conf "$@"`);
    const script = spawn('sh', ['-c', toLocal(blocksOf('sh').find((block) => block.startsWith('#!'))!)], {
      env: { PATH: [bin, process.env['PATH'], '/usr/sbin'].join(delimiter) },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const [errors, [code]] = await Promise.all([text(script.stderr), once(script, 'exit')]);
    restart.abort();
    await clients;
    expect([code, errors]).toEqual([0, expect.not.stringMatching(/error|emerg/)]);
    expect(restarts).toEqual([first, second]);
    expect([...statuses.keys()]).toEqual([200]);
    for (const { ids, connections } of followers) {
      await expect.poll(() => ids.size, { timeout: 60_000 }).toBe(created.size);
      expect(ids).toEqual(created);
      expect(connections()).toBeGreaterThan(1);
    }
    following.abort();
    await Promise.all(followers.map(({ stopped }) => stopped));

    // nginx blocks the metrics, and leaves the limit of bodies to Holdfast.
    expect(await send('GET', '/metrics')).toBe(404);
    expect(await send('POST', '/trpc/task.create', JSON.stringify({ title: 'x'.repeat(1_500_000) }))).toBe(413);
  },
);

const nginx = '/usr/sbin/nginx';

function findMissing(): string | undefined {
  return ['nginx', 'openssl', 'pgrep', 'ps', 'curl'].find((program) => {
    try {
      execFileSync('sh', ['-c', `command -v ${program}`], { env: { PATH: `${process.env['PATH']}:/usr/sbin` } });
      return false;
    } catch {
      return true;
    }
  });
}

/** Starts nginx with the documented files below a small nginx.conf. */
async function startNginx([servers, site]: string[]): Promise<ChildProcess> {
  execFileSync(
    'openssl',
    [
      'req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=tasks.example.com'.split(' '),
      ['-keyout', join(folder, 'privkey.pem'), '-out', join(folder, 'fullchain.pem')],
    ].flat(),
    { stdio: 'ignore' },
  );
  await writeFile(join(folder, 'holdfast-servers.conf'), servers!);
  await writeFile(join(folder, 'site.conf'), site!);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  await writeFile(
    join(folder, 'nginx.conf'),
    [
      `worker_processes 2; worker_shutdown_timeout 5s; pid ${folder}/nginx.pid; error_log ${folder}/error.log; daemon off;`,
      ...(process.getuid?.() === 0 ? ['user root;'] : []),
      `events {} http { access_log off; ${temporary.join(' ')} include ${folder}/site.conf; }`,
    ].join('\n'),
  );
  const child = spawn(nginx, ['-p', folder, '-c', join(folder, 'nginx.conf')], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  closables.push(() => end(child, 'SIGTERM'));
  await expect.poll(() => readFile(join(folder, 'nginx.pid'), 'utf8').catch(() => '')).toMatch(/\d/);
  return child;
}

async function listen(server: Server): Promise<void> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closables.push(() => server.close());
}
