import { inspect } from 'node:util';
import { createClient } from '@holdfast/client';
import { expect, test } from 'vitest';
import { errorOf, openProxy, startServer } from './fixture.ts';

const proxy = await openProxy(await startServer());
const secret = 'hf-secret';
const wrong = [`${secret}\n`, `${secret}\r\nx-other: 1`, `${secret} `, `${secret}\u0000`, `${secret}é`, ''];

test.each(wrong)(
  'a token that cannot be a header is refused at once, and no message contains it (%j)',
  async (token) => {
    const call = createClient({ url: proxy.url, getToken: () => token }).task.list();
    const error = await errorOf(call);
    expect(error).toMatchObject({ code: 'CALLBACK_FAILED', isRetryable: true });
    expect(error['message']).toContain('getToken() returned an invalid token.');
    expect(inspect(error, { depth: 10 })).not.toContain(secret);
    expect(proxy.seen).toEqual([]);
  },
);

test('a stored session that cannot be a header is refused at once, and no message contains it', async () => {
  const storage = { load: () => `${secret}\n`, save: () => {} };
  const holdfast = createClient({ url: proxy.url, storage });
  for (const call of [holdfast.task.list(), holdfast.signOut(), holdfast.session.isSignedIn()]) {
    const error = await errorOf(call);
    expect(error).toMatchObject({ code: 'CALLBACK_FAILED' });
    expect(inspect(error, { depth: 10 })).not.toContain(secret);
  }
  expect(proxy.seen).toEqual([]);
});

test('a URL with a password or a path of the server is refused, and no message contains the password', () => {
  for (const url of [`https://ada:${secret}@tasks.example.com`, `ftp://${secret}@tasks.example.com`]) {
    const start = () => createClient({ url });
    expect(start).toThrow('`url` contains a user name or password. Remove both.');
    expect(start).not.toThrow(secret);
  }
  for (const path of ['/trpc', '/trpc/', '/api/auth']) {
    expect(() => createClient({ url: `https://tasks.example.com${path}` })).toThrow('Use https://tasks.example.com.');
  }
});
