import { TRPCError } from '@trpc/server';
import express from 'express';
import { describe, expect, test } from 'vitest';
import type { WireRequest } from './fixtures/http-wire.ts';
import { openPair, type Pair, type PairOptions } from './fixtures/pair.ts';
import { describeRequest, get, getBatch, json, post } from './fixtures/requests.ts';
import { createTestRouter } from './fixtures/router.ts';

const requests: WireRequest[] = [
  get('empty'),
  get('list'),
  get('echo', { a: 1 }),
  get('date'),
  get('recorded', [1]),
  get('greet', { name: 'A' }),
  get('fail.error'),
  get('odd.promise'),
  get('missing'),
  get('touch'),
  getBatch('echo,date,recorded', { 0: 1, 2: { a: 1 } }),
  getBatch('echo,fail.error'),
  getBatch('echo', 1),
  getBatch('echo,missing'),
  post('add', '{"title":"one"}'),
  post('add', '{"title":1}'),
  post('save', '{'),
  post('save', ''),
  post('save', 'null'),
  post('add,touch?batch=1', '{"0":{"title":"one"}}'),
  post('echo', '{"a":1}'),
  post('list,echo?batch=1', '{"1":{"a":1}}'),
  post('echo,add?batch=1', '{"0":1,"1":{"title":"one"}}'),
  post('save', `"${'x'.repeat(2000)}"`),
  { method: 'POST', target: '/trpc/save', headers: { 'content-type': 'text/plain' }, body: '1' },
  { method: 'HEAD', target: '/trpc/list' },
  { method: 'OPTIONS', target: '/trpc/list' },
];

/** Compares both adapters on every request. Returns the requests that took the fast path. */
async function compareAll(options: PairOptions, all = requests): Promise<string[]> {
  const pair = await openPair(options);
  try {
    const fast: string[] = [];
    for (const request of all) if ((await pair.compare(request)).isFast) fast.push(describeRequest(request));
    return fast;
  } finally {
    await pair.close();
  }
}

const fastInAll = requests.filter(
  ({ method = 'GET', target, headers }) =>
    !/missing|\/trpc\/touch$/.test(target) &&
    (method === 'GET' ||
      (method === 'POST' && headers?.['content-type'] === json['content-type'] && !/[/,]echo(?:[,?]|$)/.test(target))),
);
/** Queries sent as POST, too. */
const fastWithOverride = requests.filter(
  (request) =>
    fastInAll.includes(request) ||
    /\/trpc\/(?:echo|list,echo)(?:\?batch=1)?$/.test(request.method === 'POST' ? request.target : ''),
);
const fastReads = fastInAll.filter(({ method = 'GET' }) => method === 'GET');
const isBatch = ({ target }: WireRequest) => target.includes('batch');

describe('options', () => {
  const variants: [name: string, options: PairOptions, fast: WireRequest[]][] = [
    ['the default options', {}, fastInAll],
    ['allowMethodOverride', { options: { allowMethodOverride: true } }, fastWithOverride],
    ['no hooks', { without: ['onError', 'responseMeta'] }, fastInAll],
    ['maxBodySize 10', { options: { maxBodySize: 10 } }, fastInAll],
    ['maxBodySize 0', { options: { maxBodySize: 0 } }, fastInAll],
    ['maxBatchSize 2', { options: { maxBatchSize: 2 } }, fastInAll.filter(({ target }) => !target.includes('date,'))],
    ['maxBatchSize 0', { options: { maxBatchSize: 0 } }, fastInAll.filter((request) => !isBatch(request))],
    ['assertBody', { options: { assertBody } }, fastInAll],
  ];
  test.each(variants)('both adapters send the same responses with %s', async (_name, options, fast) => {
    expect(await compareAll(options)).toEqual(fast.map(describeRequest));
  });
});

function assertBody(body: Buffer): void {
  if (body.includes(0xff)) throw new TRPCError({ code: 'BAD_REQUEST', message: 'not UTF-8' });
}

test('an error of assertBody fails the call, on the fast path and in tRPC’s own adapter', async () => {
  const { ours, close } = await openPair({ options: { assertBody } });
  const send = async (path: string, more = {}) => {
    const body = Buffer.from([0x22, 0xff, 0x22]);
    const response = await fetch(`${ours.url}/${path}`, { method: 'POST', headers: { ...json, ...more }, body });
    return [response.status, await response.text()];
  };
  expect(await send('save')).toEqual([400, expect.stringContaining('"message":"not UTF-8"')]);
  expect(await send('save?batch=1')).toEqual([400, expect.stringContaining('"message":"not UTF-8"')]);
  const lines = await send('save?batch=1', { 'trpc-accept': 'application/jsonl' });
  expect(lines).toEqual([200, expect.stringContaining('"message":"not UTF-8"')]);
  await close();
});

function at(path: string, all = requests): WireRequest[] {
  return all.map(({ target, ...rest }) => Object.assign(rest, { target: target.replace('/trpc', path) }));
}

describe('mounting', () => {
  const mounts: [name: string, path: string, mount: NonNullable<PairOptions['mount']>][] = [
    ['without a path', '', (app, middleware) => app.use(middleware)],
    ['at the root', '', (app, middleware) => app.use('/', middleware)],
    ['at a deep path', '/api/v1/rpc', (app, middleware) => app.use('/api/v1/rpc', middleware)],
    [
      'in a nested router',
      '/outer/inner',
      (app, middleware) => app.use('/outer', express.Router().use('/inner', middleware)),
    ],
    ['at a path with a parameter', '/users/7/rpc', (app, middleware) => app.use('/users/:id/rpc', middleware)],
    ['on a wildcard route', '/rpc', (app, middleware) => app.all('/rpc/*path', middleware)],
  ];
  test.each(mounts)('both adapters send the same responses if they are mounted %s', async (_name, path, mount) => {
    expect(await compareAll({ mount }, at(path))).toEqual(at(path, fastInAll).map(describeRequest));
  });
});

describe('middleware before the adapter', () => {
  const reads = requests.filter(({ method = 'GET' }) => method === 'GET');
  const before: [name: string, all: WireRequest[], fast: WireRequest[], handler: express.RequestHandler][] = [
    [
      'sets headers',
      requests,
      fastInAll,
      (_req, res, next) => {
        res.set({ 'content-security-policy': "default-src 'self'", vary: 'origin', 'x-request-id': '1' });
        res.append('set-cookie', 'a=1').removeHeader('x-powered-by');
        next();
      },
    ],
    ['sets another status', requests, fastInAll, (_req, res, next) => next(void res.status(202))],
    ['waits', requests, fastInAll, (_req, _res, next) => void setTimeout(next, 2)],
    ['parses JSON', requests, fastReads, express.json()],
    ['parses every body as JSON', requests, fastReads, express.json({ strict: false, type: '*/*' })],
    ['reads text', requests, fastReads, express.text({ type: '*/*' })],
    ['reads bytes', requests, fastReads, express.raw({ type: '*/*' })],
    ['parses forms', requests, fastReads, express.urlencoded()],
    ['sets a body', requests, fastReads, (req, _res, next) => next(void (req.body = { title: 'set' }))],
    ['sets an undefined body', requests, fastReads, (req, _res, next) => next(void (req.body = undefined))],
    ['reads the whole body', requests, fastReads, (req, _res, next) => void req.on('end', next).resume()],
    ['sets an encoding', requests, fastReads, (req, _res, next) => next(void req.setEncoding('utf8'))],
    ['compresses', requests, [], (_req, res, next) => next(void Object.assign(res, { flush: () => undefined }))],
    ['changes the method', reads, [], (req, _res, next) => next(void (req.method = 'PUT'))],
    ['changes the URL', reads, reads, (req, _res, next) => next(void (req.url = '/trpc/echo?input=7'))],
  ];
  test.each(before)(
    'both adapters send the same responses after middleware that %s',
    async (_name, all, fast, handler) => {
      const mount: PairOptions['mount'] = (app, middleware) => app.use(handler).use('/trpc', middleware);
      expect(await compareAll({ mount }, all)).toEqual(fast.map(describeRequest));
    },
  );
});

test('in development, both adapters send the stack of an error up to the procedure', async () => {
  const pair = await openPair({ createRouter: () => createTestRouter({ isDev: true }) });
  const responses = await Promise.all(
    [pair.stock, pair.ours].map(async ({ url }) => (await fetch(`${url}/fail.error`)).text()),
  );
  await pair.close();
  const [stock, ours] = responses.map((text) => text.replace(/(?:\\n {4}at [^"]*?)+(?=")/, ' <frames>'));
  expect(ours).toBe(stock);
  expect(ours).toContain('"stack":"TypeError: broken <frames>"');
});

test('an error that onError throws reaches Express and is no unhandled rejection', async () => {
  const pair: Pair = await openPair();
  const response = await fetch(`${pair.ours.url}/fail.error`, { headers: { 'x-on-error': 'throws' } });
  await pair.close();
  expect([response.status, await response.text()]).toEqual([500, 'express: onError fails']);
});
