import { expect, test } from 'vitest';
import { hasLongHost } from '../../src/request/long-host.ts';
import { openServer, password, post, signUp } from '../fixture.ts';

const { url } = await openServer();
const email = 'ada@example.org';
const { session } = await signUp(url, email);

/** Marks that `URL` sorts: one parse of so many takes milliseconds. */
const marks = '\u0344'.repeat(1000) + '\u0316'.repeat(1000);

test.each([
  [`http://a${marks}`],
  [`http:a${marks}/path`],
  [`h\ttp:\\\\${marks}?x`],
  [` https:///${encodeURIComponent(marks)}#x`],
  [`http://${'u'.repeat(200)}:${'p'.repeat(100)}@example.org/`],
  [`myapp://${'x'.repeat(256)}`],
])('%j has a long host', (text) => {
  expect(hasLongHost(text)).toBe(true);
});

test.each([
  ['/a/path'],
  ['no URL'],
  [`https://tasks.example.org/${'x'.repeat(1000)}`],
  [`https://tasks.example.org?next=https://${'x'.repeat(1000)}`],
  [`myapp://sign-in#${'x'.repeat(1000)}`],
  [`${'x'.repeat(255)}://${'x'.repeat(255)}`],
])('%j has no long host', (text) => {
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
