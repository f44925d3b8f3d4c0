import { findTablesWith } from '@holdfast/db/testing';
import { expect, test } from 'vitest';
import { openServer, password, post, signUp } from '../fixture.ts';
import { bearer, createPeople, elsewhere, subjects } from './fixture.ts';
import { openSmtp } from './smtp.ts';

const smtp = await openSmtp();
const { url, databaseUrl } = await openServer({ ...smtp.env, TRUST_PROXY: '1' });
const people = createPeople(url);

const ask = (path: string, body: object, session: string) =>
  people.ask(path, body, { ...elsewhere(), ...bearer(session) });
const remove = async (session: string) => {
  const headers = { ...elsewhere(), ...bearer(session) };
  expect((await post(`${url}/trpc/user.delete`, { password }, headers)).status).toBe(200);
};

/** Mails are sent in order, so all mails before this one have arrived. */
async function waitForAll(): Promise<void> {
  const { email } = await people.join();
  await smtp.waitFor(email, subjects.verification);
}

test('someone who creates and deletes an account again and again with the address of another person sends few mails to it', async () => {
  const email = `${crypto.randomUUID()}@example.org`;
  for (let at = 0; at < 8; at += 1) {
    const { session } = await signUp(url, email);
    await ask('send-verification-email', {}, session);
    await ask('change-email', { newEmail: `${crypto.randomUUID()}@new.example`, password }, session);
    await remove(session);
  }
  await waitForAll();
  const count = (subject: RegExp) =>
    smtp.mails.filter((mail) => mail.to === email && subject.test(mail.subject)).length;
  expect(count(subjects.verification)).toBeLessThanOrEqual(10);
  expect(count(subjects.notice)).toBeLessThanOrEqual(5);
});

test('a mail that waits while its user is deleted is not sent, and stores nothing', async () => {
  const ada = await people.join();
  const others = await Promise.all(Array.from({ length: 4 }, () => people.join()));
  await waitForAll();
  const release = smtp.hold();
  const before = smtp.attempts();
  for (const { email } of others) await people.send('request-password-reset', { email }, elsewhere());
  await expect.poll(smtp.attempts).toBe(before + 4);
  const newEmail = `${crypto.randomUUID()}@new.example`;
  expect((await ask('send-verification-email', {}, ada.session)).status).toBe(200);
  expect((await ask('change-email', { newEmail, password }, ada.session)).status).toBe(200);
  await people.send('request-password-reset', { email: ada.email }, elsewhere());
  await remove(ada.session);
  const count = smtp.mails.filter(({ to }) => to === ada.email).length;
  release();
  await waitForAll();
  expect(await findTablesWith(databaseUrl, ada.id)).toEqual(['auth.erased_users']);
  expect(await findTablesWith(databaseUrl, newEmail)).toEqual([]);
  expect(smtp.mails.some(({ to }) => to === newEmail)).toBe(false);
  // Only the notice of the change, which has no link that could work.
  expect(smtp.mails.filter(({ to }) => to === ada.email).length).toBe(count + 1);
});
