import { describe } from 'vitest';
import type { WireRequest } from './fixtures/http-wire.ts';
import { createRequestTests } from './fixtures/request-tests.ts';
import { get, getBatch, json, post } from './fixtures/requests.ts';

const testRequests = createRequestTests({ options: { maxBodySize: 1000, maxBatchSize: 5 } });

const reads = 'empty nothing list echo greet date me recorded deep.deeper.get'.split(' ');
const failures =
  'fail.error fail.caused fail.text fail.null fail.undefined fail.object fail.own fail.formatter fail.output odd.bigint odd.circular odd.promise odd.generator odd.thenable odd.list odd.surrogate odd.toJSON'.split(
    ' ',
  );
const procedures = [...reads, ...failures];
const inputs = [
  undefined,
  null,
  0,
  '',
  'text',
  [],
  {},
  { name: 'Ada' },
  { name: 'A' },
  { id: 1, nested: { '+&=%': 'ü🙂' } },
];

describe('a query', () => {
  testRequests('fast', ...procedures.flatMap((path) => [get(path), get(path, { name: 'Ada' }), get(path, null)]));
  testRequests('fast', ...inputs.flatMap((input) => [get('echo', input), get('greet', input), get('recorded', input)]));
  testRequests(
    'fast',
    ...['BAD_REQUEST', 'UNAUTHORIZED', 'NOT_FOUND', 'CONFLICT', 'TOO_MANY_REQUESTS', 'BAD_GATEWAY'].map((code) =>
      get('fail.code', code),
    ),
  );
  testRequests(
    'fast',
    ...[400, 404, 499, 599, 200, 201, 100, 204, 304, 600, 99, 0, -1, 404.5, 65_936].map((n) => get('fail.status', n)),
  );
});

describe('the input of a query', () => {
  const queries = [
    'input',
    'input=',
    '?input=1',
    'input=1?',
    'input="?"?',
    'input=%20',
    'input=1',
    'input=+1',
    'input={',
    'input=%7B%22a%22%3A1%7D',
    'input={"a":1}',
    'input=%7B',
    'input=undefined',
    'input=%22a+b%22',
    'input=%22a%2Bb%22',
    'input="%zz"',
    'input="%"',
    'input="%e2%82"',
    'input="%ff"',
    'input="%ED%A0%80"',
    'input=%EF%BB%BF1',
    'input="%00"',
    'input=1&input=2',
    'input=&input=2',
    'x=1&input=3',
    'input=3&x=1',
    '&input=4',
    'input=4&&',
    '%69nput=5',
    'INPUT=5',
    'input=6#input=7',
    '#input=7',
    'input="\'<>`"',
    'input="\\u0041"',
    'input="a\\b"',
    'input=[1,2]',
    'input=1e999',
    'input={"__proto__":{"a":1}}',
    'batch=0&input=1',
    'batch=true&input=1',
    'batch&input=1',
    'batch=&input=1',
    'batch=2&batch=1&input={"0":1}',
  ];
  testRequests('fast', ...queries.map((query) => ({ target: `/trpc/echo?${query}` })));
});

describe('bytes outside ASCII in the target', () => {
  // Node refuses them.
  testRequests('stock', { target: '/trpc/echo?input="\xe9"' }, { target: '/trpc/echo?input="\xc3\xa9"' });
});

describe('a batch of queries', () => {
  const queries = [
    undefined,
    {},
    null,
    1,
    'text',
    [],
    [1, 2],
    { 0: 1 },
    { 1: 1 },
    { 0: 1, 1: 2, 2: 3 },
    { 0: null, 1: { name: 'A' } },
    { 0: { name: 'Ada' }, 1: { name: 'Ada' }, 7: 1 },
    { a: 1 },
    { length: 2 },
  ];
  const paths = [
    'echo',
    'echo,greet',
    'greet,greet',
    'recorded,recorded,recorded',
    'list,me,date',
    'fail.error,echo',
    'fail.error,me',
  ];
  testRequests('fast', ...paths.flatMap((path) => queries.map((input) => getBatch(path, input))));
  testRequests('fast', ...procedures.map((path) => getBatch(`${path},echo`, { 0: { name: 'Ada' } })));
  testRequests(
    'fast',
    getBatch('echo%2Cecho', { 0: 1, 1: 2 }),
    getBatch('echo,echo,echo,echo,echo', { 4: 1 }),
    { target: '/trpc/echo,greet?input={"0":1}&batch=1' },
    { target: '/trpc/echo,greet?%62atch=1&input={"0":1}' },
    { target: '/trpc/echo,greet?batch=1&batch=2&input={"0":1}' },
    { target: '/trpc/echo,greet?batch=1&input={' },
    { target: '/trpc/echo,greet?batch=1&input=' },
    { target: '/trpc/echo,greet?batch=1#&input={"0":1}' },
  );
  testRequests(
    'stock',
    getBatch('echo,echo,echo,echo,echo,echo'),
    getBatch(''),
    getBatch(','),
    getBatch('echo,'),
    getBatch(',echo'),
    getBatch('echo,,echo'),
    getBatch('echo,missing'),
    getBatch('missing,missing'),
    getBatch('echo,touch'),
    getBatch('touch,touch'),
    getBatch('ticks,ticks'),
    getBatch('echo,ticks'),
    get('echo,echo'),
  );
});

describe('a mutation', () => {
  const bodies = [
    '',
    ' ',
    'null',
    '0',
    '""',
    '"text"',
    '{}',
    '[]',
    '{"title":"one"}',
    '{"title":1}',
    ' {"title" : "spaced"} \n',
    '{"title":"ünï🙂"}',
    '{"title":"\\ud800"}',
    '{',
    '{"title":"one"}x',
    'undefined',
    "{'title':1}",
    '\ufeff{"title":"after a mark"}',
    '\ufeff\ufeff{"title":"after two marks"}',
    '{"__proto__":{"title":"one"}}',
    `{"title":"${'x'.repeat(501)}"}`,
    `{"title":"${'x'.repeat(980)}"}`,
    `{"title":"${'x'.repeat(988)}"}`,
    `{"title":"${'x'.repeat(989)}"}`,
    'x'.repeat(5000),
    'x'.repeat(300_000),
  ];
  const paths = ['add', 'save', 'touch', 'twice', 'guarded', 'fail.save'];
  testRequests('fast', ...paths.flatMap((path) => bodies.map((body) => post(path, body))));
  const bytes = [
    [0xff],
    [0x22, 0xff, 0x22],
    [0x22, 0xe2, 0x82, 0x22],
    [0x22, 0xed, 0xa0, 0x80, 0x22],
    [0x22, 0xf0, 0x9f, 0x22],
    [0],
  ];
  testRequests('fast', ...bytes.map((body) => post('save', Buffer.from(body))));
  testRequests('fast', { method: 'POST', target: '/trpc/save', headers: json });
  testRequests('fast', { method: 'POST', target: '/trpc/save?input=1', headers: json, body: '2' });
  testRequests('fast', post('guarded', '{"title":"one"}', { authorization: 'ada' }));
  testRequests('fast', post('save', '7\r\n{"a":1}\r\n0\r\n\r\n', { 'transfer-encoding': 'chunked' }));
  testRequests('fast', post('save', '1\r\n{\r\n1\r\n}\r\n0\r\n\r\n', { 'transfer-encoding': 'chunked' }));
  testRequests('fast', post('save', '0\r\n\r\n', { 'transfer-encoding': 'chunked' }));
});

describe('a batch of mutations', () => {
  const bodies = [
    '',
    'null',
    '1',
    '"text"',
    '[]',
    '[{"title":"one"}]',
    '{}',
    '{"0":{"title":"one"}}',
    '{"1":{"title":"two"}}',
    '{',
  ];
  const paths = ['add', 'add,add', 'touch,add', 'save,guarded,fail.save', 'twice,twice'];
  testRequests('fast', ...paths.flatMap((path) => bodies.map((body) => post(`${path}?batch=1`, body))));
  testRequests('fast', post('touch,add?batch=1', `{"1":"${'x'.repeat(2000)}"}`));
  testRequests('stock', post('touch,list?batch=1', '{}'), post('touch,touch,touch,touch,touch,touch?batch=1', '{}'));
  testRequests('stock', post('touch,missing?batch=1', '{}'), post('touch,ticks?batch=1', '{}'), post('?batch=1', '{}'));
});

describe('createContext', () => {
  const kinds = ['unauthorized', 'broken', 'text', 'nothing', 'slow', 'reads', 'header', 'status', 'pauses'];
  testRequests(
    'fast',
    ...kinds.flatMap((kind) => {
      const headers = { 'x-context': kind };
      return [
        get('recorded', { a: 1 }, headers),
        get('me', undefined, { ...headers, authorization: 'ada' }),
        { target: '/trpc/echo?input={', headers },
        getBatch('recorded,me', { 1: 2 }, headers),
        getBatch('recorded,recorded', 7, headers),
      ];
    }),
  );
  testRequests(
    'fast',
    ...kinds
      .filter((kind) => kind !== 'pauses')
      .flatMap((kind) => {
        const headers = { 'x-context': kind };
        return [
          post('save', '{"a":1}', headers),
          post('touch', '{', headers),
          post('save', 'x'.repeat(2000), headers),
          post('save,touch?batch=1', '{"0":1}', headers),
          post('guarded,save?batch=1', '{"1":1}', headers),
        ];
      }),
  );
  testRequests(
    'stock',
    get('missing', 1, { 'x-context': 'unauthorized' }),
    getBatch('echo,missing', 1, { 'x-context': 'broken' }),
  );
});

describe('responseMeta', () => {
  const accepted = [
    'status',
    'created',
    'zero',
    'record',
    'headers',
    'type',
    'cookies',
    'empty',
    'undefined',
    'fraction',
    'huge',
  ];
  testRequests('fast', ...accepted.flatMap(requestMeta));
  // Node or fetch refuses these values, also for the error response, so tRPC's exception handler responds.
  const refused = ['invalid', 'invalid name', 'not latin', 'bodiless', 'not modified', 'out of range', 'throws'];
  testRequests('stock', ...refused.flatMap(requestMeta));
});

function requestMeta(kind: string): WireRequest[] {
  const headers = { 'x-meta': kind };
  return [
    get('list', 1, headers),
    get('fail.error', 1, headers),
    get('odd.bigint', 1, headers),
    getBatch('list,me', undefined, headers),
    getBatch('odd.bigint,list', undefined, headers),
    post('save', '1', headers),
    post('save', '{', headers),
  ];
}
