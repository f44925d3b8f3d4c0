import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onLauncherExit } from '@holdfast/server/src/launcher.ts';
import getPort from 'get-port';
import { createServer, type ProxyOptions } from 'vite';
import { serverPaths } from './server-paths.ts';

// `pnpm dev`: Vite serves the app with hot reload at the address of `pnpm start`, and forwards calls to the server, which
// restarts when one of its files changes.

const host = process.env['HOST'] || '127.0.0.1';
const port = Number(process.env['PORT'] || 3000);
const origin = `http://${host}:${port}`;
const api = `http://127.0.0.1:${await getPort({ host: '127.0.0.1' })}`;

// The server compares the origin of a page with the host that the browser has used.
const toApi: ProxyOptions = { target: api, changeOrigin: false };

const vite = await createServer({
  root: fileURLToPath(new URL('..', import.meta.url)),
  logLevel: 'warn',
  server: {
    host,
    port,
    strictPort: true,
    proxy: {
      [serverPaths.source]: toApi,
      '^/$': { ...toApi, bypass: ({ headers, url }) => (headers.accept?.includes('text/html') ? url : undefined) },
    },
  },
});
await vite.listen().catch((error: Error) => {
  process.stderr.write(`${error.message}. Stop that program, or change PORT.\n`);
  process.exit(1);
});

const main = fileURLToPath(new URL('../../server/src/main.ts', import.meta.url));
const server = spawn(process.execPath, ['--watch', main], {
  env: {
    ...process.env,
    HOST: '127.0.0.1',
    PORT: new URL(api).port,
    PUBLIC_URL: process.env['PUBLIC_URL'] || origin,
    TRUSTED_ORIGINS: process.env['TRUSTED_ORIGINS'] || `http://localhost:${port}`,
    WEB_APP: 'false',
  },
  stdio: ['inherit', 'pipe', 'inherit'],
});
createInterface(server.stdout).on('line', (line) => {
  const first = line.includes(`Holdfast serves on ${api}`) ? `  The app, with hot reload, is at ${origin}\n` : '';
  process.stdout.write(`${first}${line.replaceAll(api, origin)}\n`);
});

// After Ctrl+C, the terminal has sent the signal to the server too.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => server.kill('SIGTERM'));
onLauncherExit(process.env, () => server.kill('SIGTERM'));
const [code] = (await once(server, 'exit')) as [number | null];
await vite.close();
process.exit(code ?? 1);
