import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { openServer, signUp, type TestServer } from '../fixture.ts';
import { createJudge, toParameters } from './judge.ts';
import { encodeTarget, headerText, rarely, text, value } from './values.ts';
import { sendBytes, toBytes } from './wire.ts';

const target = '/trpc/user.me';
/** 400 if the header contains a control character. */
const refusals = [400, 401];
const encode = (content: unknown) => Buffer.from(JSON.stringify(content) ?? '').toString('base64url');

/** Sends `user.me` with these headers, checks the response and returns its status. */
function createCall(server: TestServer) {
  const { judge, assertReady } = createJudge(server);
  async function call(headers: readonly (readonly [string, string])[]): Promise<number> {
    const bytes = toBytes({ method: 'GET', target, headers: [['host', 'x'], ...headers], body: null });
    const responses = await sendBytes(server.url, bytes);
    judge(responses);
    expect(responses).toHaveLength(1);
    return responses[0]!.status;
  }
  return { call, assertReady };
}

describe('the built-in issuer', async () => {
  const server = await openServer({ RATE_LIMIT_PER_MINUTE: '0' });
  const { call, assertReady } = createCall(server);
  const ada = await signUp(server.url, 'ada@example.org');
  const { privateKey } = generateKeyPairSync('ed25519');
  const { keys } = (await (await fetch(`${server.url}/api/auth/jwks`)).json()) as {
    keys: { kid: string; x: string }[];
  };
  const { kid, x } = keys[0]!;
  const valid = new Set([ada.jwt, ada.session, ada.signed]);
  const ownCookie = /^holdfast\.session_token=(.*)$/.exec(ada.cookie)![1]!;

  const change = fc.record({ at: fc.nat(), removed: fc.nat(3), added: headerText });
  const changed = fc
    .tuple(fc.constantFrom(...valid, ownCookie), fc.array(change, { maxLength: 3 }))
    .map(([token, changes]) =>
      changes.reduce((result, { at, removed, added }) => {
        const place = at % (result.length + 1);
        return result.slice(0, place) + added + result.slice(place + removed);
      }, token),
    );
  const [head, payload, signature] = ada.jwt.split('.') as [string, string, string];
  const forged = fc
    .tuple(toHeader(['EdDSA'], kid), toClaims(server.url, server.url, ada.id), fc.nat(4))
    .map(([header, claims, by]) => {
      const input = `${encode(header)}.${encode(claims)}`;
      const bytes = [
        Buffer.alloc(0),
        Buffer.from(signature, 'base64url'),
        sign(null, Buffer.from(input), privateKey),
        createHmac('sha256', Buffer.from(x, 'base64url')).update(input).digest(),
        Buffer.alloc(64),
      ][by]!;
      return `${input}.${bytes.toString('base64url')}`;
    });
  const mixed = fc
    .array(rarely(fc.constantFrom(head, payload, signature, ada.session, ''), headerText), { maxLength: 5 })
    .map((parts) => parts.join('.'));
  const wrong = fc.oneof(changed, forged, mixed, headerText, text.map(encodeTarget)).map((token) => token.trim());

  test('no changed, forged or mixed token is accepted, and none ends in an internal error', async () => {
    const scheme = rarely(fc.constantFrom('Bearer ', 'bearer ', 'BEARER  '), headerText);
    await fc.assert(
      fc.asyncProperty(scheme, wrong, async (prefix, token) => {
        fc.pre(!valid.has(decodeIfPossible(token)));
        expect(await call([['authorization', `${prefix}${token}`]])).toBeOneOf(refusals);
      }),
      toParameters(400),
    );
    await assertReady();
  });

  test('no changed or forged cookie is accepted, and none ends in an internal error', async () => {
    const name = fc.constantFrom('holdfast.session_token', '__Secure-holdfast.session_token', 'holdfast.session_data');
    const cookie = fc.tuple(name, wrong).map(([key, token]) => `${key}=${token}`);
    const cookies = fc.tuple(fc.array(cookie, { minLength: 1, maxLength: 3 }), fc.constantFrom('; ', ';', ', '));
    await fc.assert(
      fc.asyncProperty(cookies, async ([parts, separator]) => {
        const line = parts.join(separator);
        // A valid session in any place is a session.
        fc.pre(!line.includes(ownCookie) && !decodeIfPossible(line).includes(ada.signed));
        expect(await call([['cookie', line]])).toBeOneOf(refusals);
      }),
      toParameters(300),
    );
    await assertReady();
  });
});

describe('an external issuer', async () => {
  const pairs = {
    ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    EdDSA: generateKeyPairSync('ed25519'),
    RS256: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  };
  type Algorithm = keyof typeof pairs;
  const algorithms = Object.keys(pairs) as Algorithm[];
  const published = algorithms.map((alg) => ({ ...pairs[alg].publicKey.export({ format: 'jwk' }), alg, kid: alg }));
  const issuer = createServer((_req, res) => void res.end(JSON.stringify({ keys: published })));
  issuer.listen(0, '127.0.0.1');
  await once(issuer, 'listening');
  afterAll(() => issuer.close());
  const iss = 'https://issuer.example.org';
  const server = await openServer({
    AUTH_ISSUER: iss,
    AUTH_AUDIENCE: 'holdfast',
    AUTH_JWKS_URL: `http://127.0.0.1:${(issuer.address() as AddressInfo).port}/`,
    RATE_LIMIT_PER_MINUTE: '0',
  });
  const { call, assertReady } = createCall(server);

  const signWith = (alg: Algorithm, input: string) => {
    const key: KeyObject = pairs[alg].privateKey;
    return sign(alg === 'EdDSA' ? null : 'sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' });
  };

  test('tokens with any header and any claims are accepted or refused, without an internal error', async () => {
    const statuses = new Set<number>();
    const alg = fc.constantFrom(...algorithms);
    const token = alg.chain((by) =>
      fc.tuple(toHeader([by], by), toClaims(iss, 'holdfast', 'auth0|42')).map(([header, claims]) => {
        const input = `${encode(header)}.${encode(claims)}`;
        return `${input}.${signWith(by, input).toString('base64url')}`;
      }),
    );
    // Tokens with unknown key IDs wait for the next reading of the keys, so many are sent at a time.
    await fc.assert(
      fc.asyncProperty(fc.array(token, { minLength: 100, maxLength: 100 }), async (tokens) => {
        const sent = tokens.filter(({ length }) => length < 12_000);
        for (const status of await Promise.all(sent.map((one) => call([['authorization', `Bearer ${one}`]])))) {
          statuses.add(status);
          expect(status).toBeOneOf([200, 401]);
        }
      }),
      toParameters(3),
    );
    expect(statuses).toEqual(new Set([200, 401]));
    await assertReady();
  });
});

/** Headers of JWTs, usually with this algorithm and key ID. */
function toHeader(algorithms: readonly string[], kid: string) {
  const others = [
    'none',
    'None',
    'HS256',
    'HS512',
    'ES256',
    'ES256K',
    'RS256',
    'PS256',
    'EdDSA',
    'Ed25519',
    'ECDH-ES',
    'dir',
  ];
  const odd = fc.record(
    {
      typ: value,
      cty: value,
      crit: fc.oneof(value, fc.constantFrom(['exp'], ['b64'], ['__proto__'])),
      b64: value,
      jku: fc.constantFrom('http://127.0.0.1:1/', 'file:///etc/passwd', ''),
      jwk: value,
      x5c: value,
      x5u: value,
      zip: fc.constant('DEF'),
      enc: fc.constant('A256GCM'),
    },
    { requiredKeys: [] },
  );
  return fc
    .record({
      alg: rarely(fc.constantFrom(...algorithms), fc.oneof(fc.constantFrom(...others), value)),
      kid: rarely(fc.constant(kid), value),
      odd: rarely(fc.constant({}), odd),
    })
    .chain(({ odd: more, ...usual }) => rarely(fc.constant({ ...usual, ...more }), value));
}

/** Claims of JWTs, usually with the given issuer, audience and subject, and valid for an hour. */
function toClaims(issuer: string, audience: string, subject: string) {
  const now = Math.floor(Date.now() / 1000);
  const time = fc.oneof(fc.constantFrom(0, -1, now - 60, 1e15, 8.64e15, 1e308, '9999999999', null), value);
  const claims = fc.record({
    iss: rarely(fc.constant(issuer), value),
    aud: rarely(fc.constantFrom<unknown>(audience, ['x', audience]), value),
    sub: rarely(fc.constant(subject), fc.oneof(value, fc.uuid(), fc.constant('x'.repeat(5000)))),
    exp: rarely(fc.constant(now + 3600), time),
    iat: rarely(fc.constant(now), time),
    nbf: rarely(fc.constant(now - 60), time),
    email: rarely(fc.constant('ada@example.org'), value),
    name: rarely(fc.constant('Ada'), value),
    other: value,
  });
  return rarely(fc.tuple(claims, fc.subarray(['nbf', 'iat', 'email', 'name', 'other', 'exp', 'sub'])).map(omit), value);
}

function omit([claims, absent]: [object, string[]]): object {
  // Most tokens keep the required claims.
  const names = absent.length < 6 ? absent.filter((name) => name !== 'exp' && name !== 'sub') : absent;
  return Object.fromEntries(Object.entries(claims).filter(([name]) => !names.includes(name)));
}

function decodeIfPossible(content: string): string {
  try {
    return decodeURIComponent(content);
  } catch {
    return content;
  }
}
