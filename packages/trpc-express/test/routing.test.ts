import { describe } from 'vitest';
import type { WireRequest } from './fixtures/http-wire.ts';
import { createRequestTests } from './fixtures/request-tests.ts';
import { get, getBatch, json, post } from './fixtures/requests.ts';

const testRequests = createRequestTests({ options: { maxBodySize: 1000, maxBatchSize: 5 } });

describe('each method with each type of procedure', () => {
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
  testRequests('fast', ...requests.filter(isFast));
  testRequests('stock', ...requests.filter((request) => !isFast(request) && !request.target.includes('ticks')));
});

describe('a path', () => {
  testRequests(
    'fast',
    get('odd%20name'),
    get('deep%2Edeeper.get'),
    get('%65cho', 1),
    get('%C3%BCn%C3%AF%2Fc%C3%B6d%C3%A9'),
  );
  testRequests(
    'fast',
    get('a/b/echo', 1),
    get('/echo', 1),
    { target: '/TRPC/echo' },
    get('../trpc/echo', 1),
    get('%2e/echo'),
  );
  testRequests(
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
  testRequests('fast', { target: 'http://other.test/trpc/recorded?input=1' });
  testRequests('stock', { target: '/elsewhere' }, { target: '//evil.test/trpc/echo' }, { target: '/' });
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
    'application/x-www-form-urlencoded',
    'multipart/form-datax',
    '*/*',
    'json',
  ];
  const ownTypes = ['multipart/form-data', 'Application/Octet-Stream ; x'];
  testRequests(
    'fast',
    ...jsonTypes.flatMap((type) => [
      get('echo', 1, { 'content-type': type }),
      post('save', '1', { 'content-type': type }),
    ]),
  );
  testRequests('fast', ...otherTypes.map((type) => get('echo', 1, { 'content-type': type })));
  testRequests('stock', ...ownTypes.map((type) => get('echo', 1, { 'content-type': type })));
  testRequests('stock', ...[...otherTypes, ...ownTypes].map((type) => post('save', '1', { 'content-type': type })));
  testRequests('stock', { method: 'POST', target: '/trpc/save', body: '1' });
  testRequests('stock', post('upload', 'bytes', { 'content-type': 'application/octet-stream' }));
  testRequests(
    'stock',
    post('form', '--x\r\ncontent-disposition: form-data; name="a"\r\n\r\n1\r\n--x--\r\n', {
      'content-type': 'multipart/form-data; boundary=x',
    }),
  );
  const accepts = ['*/*', 'application/json', 'text/html,application/json;q=0.9', ''];
  testRequests(
    'fast',
    ...accepts.flatMap((accept) => [
      get('recorded', 1, { accept }),
      getBatch('recorded,recorded', { 0: 1 }, { accept }),
    ]),
  );
  const lines = ['application/jsonl', 'text/html, application/jsonl'];
  testRequests('stock', ...lines.map((accept) => get('echo', 1, { accept })));
  const likeLines = ['application/jsonl;q=1', 'application/jsonlines', 'application/JSONL'];
  testRequests('fast', ...likeLines.map((accept) => get('echo', 1, { accept })));
  testRequests(
    'fast',
    getBatch('echo,list', { 0: 1 }, { 'trpc-accept': 'application/jsonl ,x', accept: 'application/jsonl' }),
  );
  testRequests('stock', getBatch('echo,list,fail.error', { 0: 1 }, { accept: 'application/jsonl' }));
  testRequests('stock', getBatch('echo,list', { 0: 1 }, { 'trpc-accept': 'application/jsonl' }));
  const others = ['application/json', 'other', ''].map((accept) => ({ 'trpc-accept': accept }));
  testRequests('fast', ...others.flatMap((accept) => [get('recorded', 1, accept), getBatch('list,echo', {}, accept)]));
  testRequests(
    'stock',
    { target: '/trpc/recorded?connectionParams={"a":"1"}' },
    { target: '/trpc/recorded?connectionParams={' },
  );
  testRequests(
    'fast',
    ...['[::1]:3000', 'localhost', 'a.b:80', 'EXAMPLE.test', 'xn--bcher-kva.test', '1.2.3.4'].map((host) =>
      get('recorded', 1, { host }),
    ),
  );
  testRequests(
    'stock',
    ...['', 'a:b@c', 'a@c', 'a b', ':', 'x:99999', '256.1.1.1', '[::', '%zz'].map((host) =>
      get('recorded', 1, { host }),
    ),
  );
  testRequests('fast', ...['a/b', 'a?b', 'a#b'].map((host) => get('recorded', 1, { host })));
  testRequests(
    'fast',
    get('recorded', 1, { 'last-event-id': '7' }),
    get('recorded', 1, { 'x-latin': '\xe9' }),
    get('recorded', 1, { cookie: 'a=1' }),
  );
  testRequests('fast', { target: '/trpc/recorded?input=1', headers: json, body: '{"ignored":1}' });
  testRequests('fast', get('recorded', 1, { connection: 'close' }), post('save', '1', { connection: 'close' }));
  testRequests(
    'fast',
    post('save', '1', { expect: '100-continue' }),
    post('save', '1', { 'content-encoding': 'gzip' }),
  );
});

function isFast({ method, target, headers }: WireRequest): boolean {
  if (method === 'POST') return headers !== undefined && target.endsWith('/touch');
  return method === 'GET' && /echo$|me\?/.test(target);
}
