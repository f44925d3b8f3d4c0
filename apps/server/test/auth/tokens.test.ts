import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openAuthStore } from '@holdfast/db';
import { exportJWK, generateKeyPair, type JWK, SignJWT, UnsecuredJWT } from 'jose';
import { v5 } from 'uuid';
import { afterAll, describe, expect, test } from 'vitest';
import { me, openServer, post, signUp } from '../fixture.ts';
import { openLibrary } from './library.ts';

const subject = '0190a000-0000-7000-8000-00000000000a';
const inAnHour = () => Math.floor(Date.now() / 1000) + 3600;

describe('the built-in sign-in', async () => {
  const { url, databaseUrl } = await openServer();
  const ada = await signUp(url, 'ada@example.org');
  const store = openAuthStore({ url: databaseUrl });
  afterAll(() => store.close());
  const signIn = openLibrary(store, url);
  const sign = async (payload: Record<string, unknown>) =>
    (await signIn.api.signJWT({ body: { payload: { sub: subject, ...payload } } })).token;
  const { keys } = (await (await fetch(`${url}/api/auth/jwks`)).json()) as { keys: JWK[] };
  const [key] = keys as [JWK & { kid: string; x: string }];
  const claims = { sub: subject, iss: url, aud: url, exp: inAnHour() };

  test.for([
    ['a JWT', { authorization: `Bearer ${ada.jwt}` }],
    ['a session token', { authorization: `Bearer ${ada.session}` }],
    ['a signed session token', { authorization: `bearer ${ada.signed}` }],
    ['a session cookie', { cookie: `theme=dark; ${ada.cookie}` }],
  ] as const)('%s identifies the caller', async ([, headers]) => {
    const expected = {
      id: ada.id,
      email: 'ada@example.org',
      name: 'Ada',
      createdAt: expect.any(String),
      timeZone: null,
    };
    expect(await me(url, headers)).toEqual({ status: 200, body: expected });
  });

  test('a JWT of the server contains no claims of the account except email, name and session ID', async () => {
    const payload = JSON.parse(Buffer.from(ada.jwt.split('.')[1]!, 'base64url').toString());
    expect(Object.keys(payload).sort()).toEqual(['aud', 'email', 'exp', 'iat', 'iss', 'name', 'sid', 'sub']);
    expect(payload.exp - payload.iat).toBe(900);
  });

  const { privateKey } = await generateKeyPair('EdDSA');
  const publicBytes = Buffer.from(key.x, 'base64url');
  const [head, body, signature] = ada.jwt.split('.') as [string, string, string];
  test.for([
    [
      'a token with another spelling of its signature',
      // The last of 86 characters contains four bits that decoding ignores.
      `Bearer ${ada.jwt.slice(0, -1)}${ada.jwt.endsWith('A') ? 'B' : String.fromCharCode(ada.jwt.charCodeAt(ada.jwt.length - 1) + 1)}`,
    ],
    ['a token without signature', `Bearer ${new UnsecuredJWT(claims).encode()}`],
    [
      'a token signed with the public key as a secret',
      `Bearer ${await new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: key.kid }).sign(publicBytes)}`,
    ],
    [
      'a token of another key with the ID of a known key',
      `Bearer ${await new SignJWT(claims).setProtectedHeader({ alg: 'EdDSA', kid: key.kid }).sign(privateKey)}`,
    ],
    [
      'a token of an unknown key',
      `Bearer ${await new SignJWT(claims).setProtectedHeader({ alg: 'EdDSA', kid: 'unknown' }).sign(privateKey)}`,
    ],
    ['an expired token', `Bearer ${await sign({ exp: Math.floor(Date.now() / 1000) - 60 })}`],
    ['a token that is not valid yet', `Bearer ${await sign({ nbf: inAnHour() })}`],
    ['a token for another audience', `Bearer ${await sign({ aud: 'https://other.example.org' })}`],
    ['a token of another issuer', `Bearer ${await sign({ iss: 'https://other.example.org' })}`],
    ['a token without subject', `Bearer ${await sign({ sub: undefined })}`],
    ['a token with a changed payload', `Bearer ${head}.${body.slice(0, -2)}AA.${signature}`],
    ['a token of three invalid parts', 'Bearer a.b.c'],
    ['a token of invalid characters', 'Bearer %00%ff'],
    ['an unknown session token', 'Bearer 0123456789abcdefghijklmnopqrstuv'],
    ['a session token with a foreign signature', `Bearer ${ada.session}.${Buffer.alloc(32).toString('base64')}`],
    ['a header with another scheme', 'Basic YWRhOmh1bnRlcjI='],
    ['a Bearer header without a token', 'Bearer '],
    ['an empty authorization header', ''],
  ] as const)('%s is UNAUTHORIZED, even with a valid cookie', async ([, authorization]) => {
    const { status, body } = await me(url, { authorization, cookie: ada.cookie });
    expect({ status, body }).toMatchObject({
      status: 401,
      body: { code: 'UNAUTHORIZED', path: 'user.me', requestId: expect.any(String) },
    });
  });

  test('a token that is signed with the server’s key is accepted', async () => {
    expect(await me(url, { authorization: `Bearer ${await sign({})}` })).toMatchObject({
      status: 200,
      body: { id: subject },
    });
  });

  test('an invalid session cookie is UNAUTHORIZED, and so is a request with other cookies only', async () => {
    const wrong = await me(url, { cookie: 'holdfast.session_token=nonsense' });
    expect(wrong).toMatchObject({ status: 401, body: { code: 'UNAUTHORIZED' } });
    expect(await me(url, { cookie: 'theme=dark' })).toMatchObject({ status: 401 });
  });

  test('a session is UNAUTHORIZED after sign-out', async () => {
    const bob = await signUp(url, 'bob@example.org');
    await post(`${url}/api/auth/sign-out`, {}, { cookie: bob.cookie, origin: url });
    expect(await me(url, { cookie: bob.cookie })).toMatchObject({ status: 401 });
    expect(await me(url, { authorization: `Bearer ${bob.session}` })).toMatchObject({ status: 401 });
  });

  test('a page of an untrusted origin cannot write with its visitor’s cookie', async () => {
    const create = (headers: Record<string, string>) => post(`${url}/trpc/task.create`, { title: 'x' }, headers);
    const untrusted = await create({ cookie: ada.cookie, origin: 'https://evil.example.org' });
    expect([untrusted.status, await untrusted.json()]).toMatchObject([
      403,
      { error: { message: 'Origin not allowed. Add it to TRUSTED_ORIGINS.', data: { code: 'FORBIDDEN' } } },
    ]);
    expect((await create({ cookie: ada.cookie, origin: 'null' })).status).toBe(403);
    expect((await create({ cookie: ada.cookie, origin: url })).status).toBe(200);
    expect((await create({ cookie: ada.cookie, origin: url.replace('127.0.0.1', 'localhost') })).status).toBe(200);
    expect((await create({ authorization: `Bearer ${ada.jwt}`, origin: 'https://evil.example.org' })).status).toBe(200);
  });
});

describe('an external issuer', async () => {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const jwk = await exportJWK(publicKey);
  let [status, kid] = [200, 'one'];
  const issuer = createServer((_req, res) => {
    res.statusCode = status;
    res.end(JSON.stringify({ keys: [{ ...jwk, alg: 'ES256', kid }] }));
  });
  issuer.listen(0, '127.0.0.1');
  await once(issuer, 'listening');
  afterAll(() => issuer.close());
  const iss = 'https://issuer.example.org';
  const env = {
    AUTH_ISSUER: iss,
    AUTH_AUDIENCE: 'holdfast',
    AUTH_JWKS_URL: `http://127.0.0.1:${(issuer.address() as AddressInfo).port}/`,
  };
  const { url } = await openServer(env);
  const bearer = async (claims: Record<string, unknown>) => {
    const token = new SignJWT({ iss, aud: 'holdfast', exp: inAnHour(), ...claims });
    return { authorization: `Bearer ${await token.setProtectedHeader({ alg: 'ES256', kid }).sign(privateKey)}` };
  };

  test('while the issuer’s keys are unavailable, a token is SERVICE_UNAVAILABLE instead of UNAUTHORIZED', async () => {
    status = 500;
    expect(await me(url, await bearer({ sub: subject }))).toMatchObject({
      status: 503,
      body: { code: 'SERVICE_UNAVAILABLE' },
    });
    status = 200;
  });

  test('a subject always maps to the same user ID, which is derived from issuer and subject', async () => {
    const namespace = v5(iss, v5.URL);
    for (const sub of ['auth0|42', subject, subject.toUpperCase(), v5('auth0|42', namespace)]) {
      const expected = { status: 200, body: { id: v5(sub, namespace) } };
      expect(await me(url, await bearer({ sub }))).toMatchObject(expected);
      expect(await me(url, await bearer({ sub }))).toMatchObject(expected);
    }
  });

  test('an email address or name that is not text is ignored', async () => {
    const response = await me(url, await bearer({ sub: 'no name', email: 'ada@example.org', name: 7 }));
    expect(response).toMatchObject({ status: 200, body: { email: 'ada@example.org', name: null } });
  });

  test('with AUTH_ISSUER_USES_UUIDS, the subject is the user ID, and a subject that is no UUID is UNAUTHORIZED', async () => {
    const { url: declared } = await openServer({ ...env, AUTH_ISSUER_USES_UUIDS: 'true' });
    const response = await me(declared, await bearer({ sub: subject.toUpperCase() }));
    expect(response).toMatchObject({ status: 200, body: { id: subject } });
    expect(await me(declared, await bearer({ sub: 'auth0|42' }))).toMatchObject({ status: 401 });
  });

  test('a key that the issuer has just added is accepted at once', async () => {
    await me(url, await bearer({ sub: subject }));
    kid = 'two';
    expect(await me(url, await bearer({ sub: subject }))).toMatchObject({ status: 200 });
  });

  test('with an external issuer, other tokens and sessions are UNAUTHORIZED and sign-in is NOT_FOUND', async () => {
    expect(await me(url, await bearer({ sub: subject, aud: 'other' }))).toMatchObject({ status: 401 });
    expect(await me(url, await bearer({ sub: subject, iss: url }))).toMatchObject({ status: 401 });
    expect(await me(url, { authorization: 'Bearer 0123456789abcdefghijklmnopqrstuv' })).toMatchObject({ status: 401 });
    expect((await post(`${url}/api/auth/sign-in/email`, {})).status).toBe(404);
  });
});
