import { expect, test } from 'vitest';
import { openServer, password } from '../fixture.ts';
import { bearer, createPeople, elsewhere, openTables, subjects } from './fixture.ts';
import { openSmtp } from './smtp.ts';

const smtp = await openSmtp();
const { url, databaseUrl, log } = await openServer({ ...smtp.env, TRUST_PROXY: '1', SIGN_UP_CONFIRMATION: 'true' });
const { send, ask } = createPeople(url);
const { kysely } = openTables(databaseUrl);

const newAddress = () => `${crypto.randomUUID()}@example.org`;

async function signUp(email: string, given = password): Promise<void> {
  const { status, body } = await ask('sign-up/email', { name: 'Ada', email, password: given }, elsewhere());
  expect([status, body]).toMatchObject([403, { code: 'CONFIRMATION_REQUIRED' }]);
}

/** Addresses that someone may want to know more about. */
const states = {
  'that is free': async () => newAddress(),
  'of an account': async () => {
    const email = newAddress();
    await signUp(email);
    const { token } = await smtp.waitFor(email, subjects.verification);
    expect((await ask('verify-email', { token }, elsewhere())).status).toBe(200);
    return email;
  },
  'of an account that is not confirmed': async () => {
    const email = newAddress();
    await signUp(email);
    await smtp.waitFor(email, subjects.verification);
    return email;
  },
};

/** The session of a user who asks for the address of another one. */
async function openSession(): Promise<string> {
  const email = await states['of an account']();
  const { body } = await ask('sign-in/email', { email, password }, elsewhere());
  return body['token'] as string;
}

type Send = (email: string) => Promise<Response>;

const guess = 'guessed horse';
let session: Promise<string> | undefined;
/** Each route that takes an address. */
const routes: Record<string, Send> = {
  'sign-up/email': (email) => send('sign-up/email', { name: 'Eve', email, password: guess }, elsewhere()),
  'sign-up/email with a wrong name': (email) =>
    send('sign-up/email', { name: ' ', email, password: guess }, elsewhere()),
  'sign-up/email with a short password': (email) =>
    send('sign-up/email', { name: 'Eve', email, password: 'short' }, elsewhere()),
  'sign-up/email with an image that is no URL': (email) =>
    send('sign-up/email', { name: 'Eve', email, password: guess, image: 'x' }, elsewhere()),
  'sign-in/email': (email) => send('sign-in/email', { email, password: guess }, elsewhere()),
  'request-password-reset': (email) => send('request-password-reset', { email }, elsewhere()),
  'send-verification-email': (email) => send('send-verification-email', { email }, elsewhere()),
  'change-email': async (email) => {
    session ??= openSession();
    return send('change-email', { newEmail: email, password }, { ...elsewhere(), ...bearer(await session) });
  },
};

/** One address in each state. */
const openAddresses = () => Promise.all(Object.values(states).map((open) => open()));
/** For routes that change none of the states. */
let shared: Promise<string[]> | undefined;

/** All that the sender of a request can see of its response, and the work behind it. */
async function observe(response: Response) {
  const headers = [...response.headers].filter(([name]) => !/^(?:date|x-request-id|etag)$/.test(name));
  const text = await response.text();
  const id = response.headers.get('x-request-id');
  const find = () => log.find(({ msg, requestId }) => msg === 'request' && requestId === id);
  await expect.poll(find).toBeDefined();
  return { status: response.status, headers, text, statements: find()!['statements'] };
}

for (const [route, sendTo] of Object.entries(routes)) {
  test(`if accounts are confirmed by mail, ${route} has the same response after the same statements for every address`, async () => {
    const seen = [];
    const addresses = route === 'sign-up/email' ? openAddresses() : (shared ??= openAddresses());
    for (const email of await addresses) seen.push(await observe(await sendTo(email)));
    for (const one of seen) expect(one).toEqual(seen[0]);
  });
}

test('if accounts are confirmed by mail, someone who signs up and then signs in with that password learns nothing', async () => {
  const seen = [];
  for (const email of await openAddresses()) {
    const signedUp = await observe(await routes['sign-up/email']!(email));
    const right = await observe(await routes['sign-in/email']!(email));
    const wrong = await observe(await send('sign-in/email', { email, password: 'another horse' }, elsewhere()));
    const again = await observe(await routes['sign-up/email']!(email));
    seen.push([signedUp, right, wrong, again].map(({ status, headers, text }) => ({ status, headers, text })));
    expect(again).toEqual(signedUp);
  }
  for (const one of seen) expect(one).toEqual(seen[0]);
});

test('the rows with which a sign-up for a taken address takes as long have expired', async () => {
  const email = await states['of an account']();
  const before = await countExpired();
  await signUp(email);
  expect(await countExpired()).toBe(before + 2);
});

async function countExpired(): Promise<number> {
  const rows = kysely.selectFrom('verification').select('id').where('value', '=', 'taken');
  return (await rows.where('expiresAt', '<=', new Date()).execute()).length;
}
