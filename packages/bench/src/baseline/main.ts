import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Pool } from 'pg';
import { createVerifyToken } from '../verify-token.ts';
import { cacheTokens } from './cache-tokens.ts';
import { createRoutes } from './routes.ts';
import { readTimesAsText } from './times.ts';

const verifySignature = createVerifyToken(process.env);
const verifyToken = process.env['CACHE_TOKENS'] === undefined ? verifySignature : cacheTokens(verifySignature);
readTimesAsText();
const pool = new Pool({ connectionString: process.env['DATABASE_URL'], max: 10, options: '-c timezone=UTC' });
const routes = createRoutes(pool);

async function handle(request: IncomingMessage): Promise<[status: number, body: unknown]> {
  const userId = await verifyToken(request.headers.authorization);
  if (userId === null) return [401, { error: { message: 'Sign in first.' } }];
  const [path = ''] = request.url!.split('?', 1);
  const route = path.startsWith('/trpc/task.get,') ? routes['task.batch'] : routes[path.slice('/trpc/'.length)];
  try {
    const input: unknown = JSON.parse(request.method === 'POST' ? await text(request) : toInput(request.url!));
    const found = await route?.(userId, input as never);
    return found === undefined ? [404, { error: { message: 'Task not found.' } }] : [200, found];
  } catch (error) {
    return [500, { error: { message: (error as Error).message } }];
  }
}

const toInput = (url: string) => decodeURIComponent(url.slice(url.indexOf('input=') + 'input='.length));

async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [status, value] = await handle(request);
  const body = JSON.stringify(value);
  response
    .writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
    .end(body);
}

const server = createServer((request, response) => void respond(request, response));

server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
