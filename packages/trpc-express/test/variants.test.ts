import { TRPCError } from '@trpc/server';
import express from 'express';
import { describe, expect, test } from 'vitest';
import type { WireRequest } from './fixtures/http-wire.ts';
import { openPair, type Pair, type PairOptions } from './fixtures/pair.ts';
import { describeRequest, get, getBatch, json, post } from './fixtures/requests.ts';
import { createTestRouter, dateTransformer } from './fixtures/router.ts';

const requests: WireRequest[] = [
  get('empty'),
  get('list'),
  get('echo', { a: 1 }),
  get('date'),
  get('noted', [1]),
  get('greet', { name: 'A' }),
  get('fail.error'),
  get('odd.promise'),
  get('missing'),
  get('touch'),
  getBatch('echo,date,noted', { 0: 1, 2: { a: 1 } }),
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
  post('save', `"${'x'.repeat(2000)}"`),
  { method: 'POST', target: '/trpc/save', headers: { 'content-type': 'text/plain' }, body: '1' },
  { method: 'HEAD', target: '/trpc/list' },
  { method: 'OPTIONS', target: '/trpc/list' },
];

/** Compares both on every request, and gives those that took the fast lane. */
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
      (method === 'POST' && headers?.['content-type'] === json['content-type'] && !target.endsWith('echo'))),
);
const fastReads = fastInAll.filter(({ method = 'GET' }) => method === 'GET');
const isBatch = ({ target }: WireRequest) => target.includes('batch');

describe('options', () => {
  const variants: [name: string, options: PairOptions, fast: WireRequest[]][] = [
    ['none', {}, fastInAll],
    ['no hooks', { without: ['createContext', 'onError', 'responseMeta'] }, fastInAll],
    ['maxBodySize', { options: { maxBodySize: 10 } }, fastInAll],
    ['maxBodySize 0', { options: { maxBodySize: 0 } }, fastInAll],
    ['maxBatchSize', { options: { maxBatchSize: 2 } }, fastInAll.filter(({ target }) => !target.includes('date,'))],
    ['maxBatchSize 0', { options: { maxBatchSize: 0 } }, fastInAll.filter((request) => !isBatch(request))],
    ['allowBatching false', { options: { allowBatching: false } }, fastInAll.filter((request) => !isBatch(request))],
    ['batching off', { options: { batching: { enabled: false } } }, fastInAll.filter((request) => !isBatch(request))],
    ['allowBatching before batching', { options: { allowBatching: true, batching: { enabled: false } } }, fastInAll],
    ['allowMethodOverride', { options: { allowMethodOverride: true } }, fastInAll],
    ['middleware', { options: { middleware: (_req, res, next) => next(void res.setHeader('x-first', 'yes')) } }, []],
    ['assertBody', { options: { assertBody } }, fastInAll],
    ['a transformer', { createRouter: () => createTestRouter({ transformer: dateTransformer }) }, fastInAll],
  ];
  test.each(variants)('%s', async (_name, options, fast) => {
    expect(await compareAll(options)).toEqual(fast.map(describeRequest));
  });

  test('a transformer on what it has made and what it has not', async () => {
    const made = { json: '2026-01-01T00:00:00.000Z', dates: [''] };
    const all = [made, { json: { a: 1 }, dates: [] }, { json: null, dates: [] }, {}, null, 1];
    const fast = await compareAll({ createRouter: () => createTestRouter({ transformer: dateTransformer }) }, [
      ...all.flatMap((input) => [get('echo', input), getBatch('echo,date', { 0: input, 1: input })]),
      ...all.flatMap((input) => [
        post('save', JSON.stringify(input)),
        post('save,add?batch=1', JSON.stringify({ 1: input })),
      ]),
    ]);
    expect(fast).toHaveLength(24);
  });
});

function assertBody(body: Buffer): void {
  if (body.includes(0xff)) throw new TRPCError({ code: 'BAD_REQUEST', message: 'no text' });
}

test('a body that is refused for its bytes fails the call, or in tRPC’s own adapter the request', async () => {
  const { ours, close } = await openPair({ options: { assertBody } });
  const send = async (path: string, more = {}) => {
    const body = Buffer.from([0x22, 0xff, 0x22]);
    const answer = await fetch(`${ours.url}/${path}`, { method: 'POST', headers: { ...json, ...more }, body });
    return [answer.status, await answer.text()];
  };
  expect(await send('save')).toEqual([400, expect.stringContaining('"message":"no text"')]);
  expect(await send('save?batch=1')).toEqual([400, expect.stringContaining('"message":"no text"')]);
  expect(await send('save', { 'trpc-accept': 'application/jsonl' })).toEqual([500, 'express: no text']);
  await close();
});

function at(path: string, all = requests): WireRequest[] {
  return all.map(({ target, ...rest }) => Object.assign(rest, { target: target.replace('/trpc', path) }));
}

describe('where it is mounted', () => {
  const mounts: [name: string, path: string, mount: NonNullable<PairOptions['mount']>][] = [
    ['nowhere in particular', '', (app, middleware) => app.use(middleware)],
    ['at the root', '', (app, middleware) => app.use('/', middleware)],
    ['deep below', '/api/v1/rpc', (app, middleware) => app.use('/api/v1/rpc', middleware)],
    ['in a router', '/outer/inner', (app, middleware) => app.use('/outer', express.Router().use('/inner', middleware))],
    ['with a parameter', '/users/7/rpc', (app, middleware) => app.use('/users/:id/rpc', middleware)],
    ['on a wildcard route', '/rpc', (app, middleware) => app.all('/rpc/*path', middleware)],
  ];
  test.each(mounts)('%s', async (_name, path, mount) => {
    expect(await compareAll({ mount }, at(path))).toEqual(at(path, fastInAll).map(describeRequest));
  });
});

describe('what runs before it', () => {
  const reads = requests.filter(({ method = 'GET' }) => method === 'GET');
  const before: [name: string, all: WireRequest[], fast: WireRequest[], handler: express.RequestHandler][] = [
    [
      'headers',
      requests,
      fastInAll,
      (_req, res, next) => {
        res.set({ 'content-security-policy': "default-src 'self'", vary: 'origin', 'x-request-id': '1' });
        res.append('set-cookie', 'a=1').removeHeader('x-powered-by');
        next();
      },
    ],
    ['another status', requests, fastInAll, (_req, res, next) => next(void res.status(202))],
    ['a wait', requests, fastInAll, (_req, _res, next) => void setTimeout(next, 2)],
    ['a JSON parser', requests, fastReads, express.json()],
    ['a lenient JSON parser', requests, fastReads, express.json({ strict: false, type: '*/*' })],
    ['a text parser', requests, fastReads, express.text({ type: '*/*' })],
    ['a raw parser', requests, fastReads, express.raw({ type: '*/*' })],
    ['a parser of forms', requests, fastReads, express.urlencoded()],
    ['a body of its own', requests, fastReads, (req, _res, next) => next(void (req.body = { title: 'set' }))],
    ['an undefined body', requests, fastReads, (req, _res, next) => next(void (req.body = undefined))],
    ['a reader that leaves nothing', requests, fastReads, (req, _res, next) => void req.on('end', next).resume()],
    ['an encoding', requests, fastReads, (req, _res, next) => next(void req.setEncoding('utf8'))],
    ['compression', requests, [], (_req, res, next) => next(void Object.assign(res, { flush: () => undefined }))],
    ['another method', reads, [], (req, _res, next) => next(void (req.method = 'PUT'))],
    ['another URL', reads, reads, (req, _res, next) => next(void (req.url = '/trpc/echo?input=7'))],
  ];
  test.each(before)('%s', async (_name, all, fast, handler) => {
    const mount: PairOptions['mount'] = (app, middleware) => app.use(handler).use('/trpc', middleware);
    expect(await compareAll({ mount }, all)).toEqual(fast.map(describeRequest));
  });
});

test('a lazy router takes the fast lane once it is loaded', async () => {
  expect(await compareAll({}, [get('later.hello'), get('later.hello'), getBatch('later.hello,echo')])).toHaveLength(2);
  expect(await compareAll({}, [post('later.set', ''), post('later.set', '{'), post('later.none', '')])).toHaveLength(1);
});

test('in development the stack goes out with the error, different only below the procedure', async () => {
  const pair = await openPair({ createRouter: () => createTestRouter({ isDev: true }) });
  const answers = await Promise.all(
    [pair.stock, pair.ours].map(async ({ url }) => (await fetch(`${url}/fail.error`)).text()),
  );
  await pair.close();
  const [stock, ours] = answers.map((text) => text.replace(/(?:\\n {4}at [^"]*?)+(?=")/, ' <frames>'));
  expect(ours).toBe(stock);
  expect(ours).toContain('"stack":"TypeError: broken <frames>"');
});

test('an onError that throws ends in Express, not in an unhandled rejection', async () => {
  const pair: Pair = await openPair();
  const answer = await fetch(`${pair.ours.url}/fail.error`, { headers: { 'x-on-error': 'throws' } });
  await pair.close();
  expect([answer.status, await answer.text()]).toEqual([500, 'express: onError fails']);
});
