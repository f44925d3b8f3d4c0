import { describe } from 'vitest';
import type { WireRequest } from './fixtures/http-wire.ts';
import { get, getBatch, json, post } from './fixtures/requests.ts';
import { createSame } from './fixtures/same.ts';

const same = createSame({ options: { maxBodySize: 1000, maxBatchSize: 5 } });

describe('what belongs to another method', () => {
  const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD'];
  const paths = ['echo', 'touch', 'ticks', 'missing', '', 'echo,touch?batch=1', 'me?batch=1'];
  const requests = methods.flatMap((method) =>
    paths.flatMap((path) => [
      {
        method,
        target: `/trpc/${path}`,
        headers: json,
        ...(method === 'HEAD' || method === 'GET' ? {} : { body: '{}' }),
      },
      { method, target: `/trpc/${path}` },
    ]),
  );
  same('fast', ...requests.filter(isFast));
  same('stock', ...requests.filter((request) => !isFast(request) && !request.target.includes('ticks')));
});

describe('a path', () => {
  same('fast', get('odd%20name'), get('deep%2Edeeper.get'), get('%65cho', 1), get('%C3%BCn%C3%AF%2Fc%C3%B6d%C3%A9'));
  same('fast', get('a/b/echo', 1), get('/echo', 1), { target: '/TRPC/echo' }, get('../trpc/echo', 1), get('%2e/echo'));
  same(
    'stock',
    ...[
      'missing',
      'odd name',
      '%',
      '%zz',
      '%ff',
      'echo%',
      'echo/',
      'Echo',
      'deep',
      'deep.deeper',
      'deep.deeper.get.more',
    ].map((path) => get(path.replace(' ', '+'))),
    ...['toString', '__proto__', 'constructor', 'hasOwnProperty', '_def', 'createCaller', 'a/b', 'echo;x=1'].map(
      (path) => get(path),
    ),
    { target: '/trpc' },
    { target: '/trpc?input=1' },
    { target: '/trpc//' },
  );
  same('fast', { target: 'http://other.test/trpc/noted?input=1' });
  same('stock', { target: '/elsewhere' }, { target: '//evil.test/trpc/echo' }, { target: '/' });
});

describe('headers', () => {
  const jsonTypes = [
    'application/json',
    'application/json; charset=utf-8',
    'APPLICATION/JSON',
    'Application/Json;x',
    'application/json ;',
    'application/json;charset=latin1',
  ];
  const otherTypes = [
    '',
    'text/plain',
    'text/json',
    'application/jsonx',
    'application/json, text/plain',
    'application/problem+json',
    ';application/json',
    'multipart/form-data',
    'application/octet-stream',
    'application/x-www-form-urlencoded',
    '*/*',
    'json',
  ];
  same(
    'fast',
    ...jsonTypes.flatMap((type) => [
      get('echo', 1, { 'content-type': type }),
      post('save', '1', { 'content-type': type }),
    ]),
  );
  same(
    'stock',
    ...otherTypes.flatMap((type) => [
      get('echo', 1, { 'content-type': type }),
      post('save', '1', { 'content-type': type }),
    ]),
  );
  same('stock', { method: 'POST', target: '/trpc/save', body: '1' });
  same('stock', post('upload', 'bytes', { 'content-type': 'application/octet-stream' }));
  same(
    'stock',
    post('form', '--x\r\ncontent-disposition: form-data; name="a"\r\n\r\n1\r\n--x--\r\n', {
      'content-type': 'multipart/form-data; boundary=x',
    }),
  );
  const accepts = ['*/*', 'application/json', 'text/html,application/json;q=0.9', ''];
  same(
    'fast',
    ...accepts.flatMap((accept) => [get('noted', 1, { accept }), getBatch('noted,noted', { 0: 1 }, { accept })]),
  );
  const streams = [
    'application/jsonl',
    'text/html, application/jsonl',
    'application/jsonl;q=1',
    'application/jsonlines',
  ];
  same('stock', ...streams.flatMap((accept) => [get('echo', 1, { accept })]));
  same('stock', getBatch('echo,list,fail.error', { 0: 1 }, { accept: 'application/jsonl' }));
  same('stock', getBatch('echo,list', { 0: 1 }, { 'trpc-accept': 'application/jsonl' }));
  same('stock', get('echo', 1, { 'trpc-accept': 'other' }), get('echo', 1, { 'trpc-accept': '' }));
  same('stock', { target: '/trpc/noted?connectionParams={"a":"1"}' }, { target: '/trpc/noted?connectionParams={' });
  same(
    'fast',
    ...['[::1]:3000', 'localhost', 'a.b:80', 'EXAMPLE.test', 'xn--bcher-kva.test', '1.2.3.4'].map((host) =>
      get('noted', 1, { host }),
    ),
  );
  same(
    'stock',
    ...['', 'a:b@c', 'a@c', 'a b', ':', 'x:99999', '256.1.1.1', '[::', '%zz'].map((host) => get('noted', 1, { host })),
  );
  same('fast', ...['a/b', 'a?b', 'a#b'].map((host) => get('noted', 1, { host })));
  same(
    'fast',
    get('noted', 1, { 'last-event-id': '7' }),
    get('noted', 1, { 'x-latin': '\xe9' }),
    get('noted', 1, { cookie: 'a=1' }),
  );
  same('fast', { target: '/trpc/noted?input=1', headers: json, body: '{"ignored":1}' });
  same('fast', get('noted', 1, { connection: 'close' }), post('save', '1', { connection: 'close' }));
  same('fast', post('save', '1', { expect: '100-continue' }), post('save', '1', { 'content-encoding': 'gzip' }));
});

function isFast({ method, target, headers }: WireRequest): boolean {
  if (method === 'POST') return headers !== undefined && target.endsWith('/touch');
  return method === 'GET' && /echo$|me\?/.test(target);
}
