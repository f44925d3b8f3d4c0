import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { openServer, post, signUp } from '../fixture.ts';

const { url } = await openServer();
const ada = await signUp(url, 'ada@example.org');
const bearer = { authorization: `Bearer ${ada.session}` };

const allowed = {
  GET: ['account', 'get-session', 'jwks', 'list-sessions', 'list-tokens', 'ok', 'token'],
  POST: [
    'change-email',
    'change-password',
    'create-token',
    'request-password-reset',
    'reset-password',
    'revoke-other-sessions',
    'revoke-session',
    'revoke-sessions',
    'revoke-token',
    'send-verification-email',
    'sign-in/email',
    'sign-up/email',
    'two-factor/confirm',
    'two-factor/disable',
    'two-factor/enable',
    'two-factor/generate-backup-codes',
    'two-factor/verify-backup-code',
    'two-factor/verify-totp',
    'update-user',
    'verify-email',
    'sign-out',
  ],
};

/** Paths of the library that clients must not reach, and paths that look like allowed ones. */
const closed = [
  'account-info',
  'callback/google',
  'delete-user',
  'delete-user/callback?token=x',
  'error?error=x',
  'get-access-token',
  'link-social',
  'list-accounts',
  'refresh-token',
  'reset-password/token?callbackURL=/',
  'sign-in/social',
  'two-factor/get-totp-uri',
  'two-factor/send-otp',
  'two-factor/verify-otp',
  'unlink-account',
  'update-session',
  'verify-password',
  'OK',
  'ok/',
  'sign-in//email',
  'sign-in/%65mail',
];

test('only the listed sign-in routes are reachable, and all others are NOT_FOUND', async () => {
  for (const path of closed) {
    for (const headers of [{}, bearer]) {
      for (const response of [
        await fetch(`${url}/api/auth/${path}`, { headers, redirect: 'manual' }),
        await post(`${url}/api/auth/${path}`, {}, headers),
      ]) {
        expect([path, response.status, await response.json()]).toEqual([
          path,
          404,
          { error: expect.objectContaining({ message: 'Not found. GET / lists the routes.' }) },
        ]);
      }
    }
  }
});

test('every route that the client and its page use is reachable', async () => {
  const sources = [
    'packages/client/src/session/account.ts',
    'packages/client/src/session/sign-in.ts',
    'docs/client-apps.md',
    'docs/getting-started.md',
    'README.md',
  ];
  const root = new URL('../../../../', import.meta.url);
  const text = (await Promise.all(sources.map((path) => readFile(new URL(path, root), 'utf8')))).join('\n');
  // Exists only with settings for a provider.
  const known = [...allowed.GET, ...allowed.POST, 'sign-in/social'];
  const used = [
    ...text.matchAll(/(?:api\/auth\/|path: '|(?:authenticate|read|write|writeUnsigned)\(')([a-z-]+(?:\/[a-z-]+)?)/g),
  ].map(([, path]) => path);
  for (const path of ['sign-in/email', 'verify-email', 'list-sessions']) expect(used).toContain(path);
  for (const path of used) expect(known).toContain(path);
});

test('every response of the sign-in routes is JSON with a message or a result', async () => {
  for (const headers of [{}, bearer]) {
    const responses = [
      ...(await Promise.all(allowed.GET.map((path) => fetch(`${url}/api/auth/${path}`, { headers })))),
      ...(await Promise.all(
        allowed.POST.filter((path) => path !== 'sign-out' && !path.startsWith('revoke')).map((path) =>
          post(`${url}/api/auth/${path}`, {}, headers),
        ),
      )),
      await post(`${url}/api/auth/revoke-session`, {}, headers),
      await post(`${url}/api/auth/update-user`, 'no JSON', headers),
      await post(`${url}/api/auth/update-user`, 'x', { ...headers, 'content-type': 'text/plain' }),
    ];
    for (const response of responses) {
      const text = await response.text();
      expect([response.url, response.headers.get('content-type')]).toEqual([
        response.url,
        expect.stringMatching(/^application\/json/),
      ]);
      expect(() => void JSON.parse(text)).not.toThrow();
      if (response.status >= 400) expect(text).toMatch(/"message":"[^"]/);
      expect(response.status).toBeLessThan(500);
    }
  }
});

test('another method is METHOD_NOT_SUPPORTED with Allow, and HEAD is served as GET', async () => {
  for (const [method, path, allow] of [
    ['POST', 'token', 'GET, HEAD'],
    ['DELETE', 'get-session', 'GET, HEAD'],
    ['GET', 'sign-in/email', 'POST'],
    ['GET', 'verify-email', 'POST'],
    ['GET', 'reset-password', 'POST'],
    ['OPTIONS', 'sign-in/email', 'POST'],
  ] as const) {
    const response = await fetch(`${url}/api/auth/${path}`, { method });
    expect([response.status, response.headers.get('allow')]).toEqual([405, allow]);
    expect(await response.json()).toMatchObject({ error: { data: { code: 'METHOD_NOT_SUPPORTED' } } });
  }
  for (const [path, headers, status] of [
    ['/api/auth/ok', {}, 200],
    ['/api/auth/token', bearer, 200],
    ['/api/auth/token', {}, 401],
    ['/api/auth/nothing', {}, 404],
    ['/livez', {}, 200],
    ['/trpc/task.list', bearer, 200],
    ['/trpc/task.list', {}, 401],
    ['/trpc/task.create', bearer, 405],
  ] as const) {
    const response = await fetch(url + path, { method: 'HEAD', headers });
    expect([path, response.status, await response.text()]).toEqual([path, status, '']);
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
  }
});
