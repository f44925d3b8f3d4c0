import { expect, test } from 'vitest';
import { hasLongHost } from '../../src/request/long-host.ts';
import { openServer, password, post, signUp } from '../fixture.ts';

const { url } = await openServer();
const email = 'ada@example.org';
const { session } = await signUp(url, email);

/** Marks that `URL` sorts: one parse of so many takes milliseconds. */
const marks = '\u0344'.repeat(1000) + '\u0316'.repeat(1000);

test.each([
  ['a URL', `http://a${marks}`],
  ['a URL without slashes', `http:a${marks}/path`],
  ['a URL with a tab and backslashes', `h\ttp:\\\\${marks}?x`],
  ['an encoded URL with three slashes', ` https:///${encodeURIComponent(marks)}#x`],
  ['a URL with a long user', `http://${'u'.repeat(200)}:${'p'.repeat(100)}@example.org/`],
  ['a URL of an app', `myapp://${'x'.repeat(256)}`],
])('%s can have a long host', (_, text) => {
  expect(hasLongHost(text)).toBe(true);
});

test.each([
  ['a path', '/a/path'],
  ['a text that is no URL', 'no URL'],
  ['a URL with a long path', `https://tasks.example.org/${'x'.repeat(1000)}`],
  ['a URL with a long query', `https://tasks.example.org?next=https://${'x'.repeat(1000)}`],
  ['a URL with a long fragment', `myapp://sign-in#${'x'.repeat(1000)}`],
  ['a URL with a host of 255 characters', `${'x'.repeat(255)}://${'x'.repeat(255)}`],
])('%s has no long host', (_, text) => {
  expect(hasLongHost(text)).toBe(false);
});

test.each(['callbackURL', 'redirectTo', 'errorCallbackURL', 'newUserCallbackURL'])(
  'a %s of the own origin is accepted, and refused with a long host, in JSON and in a form',
  async (field) => {
    const target = `${url}/api/auth/sign-in/email`;
    for (const [name, status] of [
      ['u', 200],
      ['u'.repeat(256), 403],
    ] as const) {
      const fields = { email, password, [field]: `http://${name}@${new URL(url).host}/` };
      const form = new URLSearchParams(fields);
      for (const response of [await post(target, fields), await fetch(target, { method: 'POST', body: form })])
        expect(response.status).toBe(status);
    }
  },
);

test.each(['origin', 'referer'])('a header %s with a long host is BAD_REQUEST', async (name) => {
  const headers = { authorization: `Bearer ${session}`, [name]: `http://a${encodeURIComponent(marks).slice(0, 8000)}` };
  const response = await post(`${url}/api/auth/update-user`, { name: 'Ada' }, headers);
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ error: { data: { code: 'BAD_REQUEST' } } });
});
