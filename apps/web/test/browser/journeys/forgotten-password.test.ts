import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';
import { afterAll, expect, test } from 'vitest';
import { openFixture } from '../fixture.ts';
import { desktop, openDevice, signIn } from './people.ts';

/** The links of the mails, each with the address that received it. */
const links: { to: string; path: string }[] = [];

const smtp = new SMTPServer({
  authOptional: true,
  disabledCommands: ['STARTTLS'],
  async onData(stream, { envelope }, done) {
    const content = (await text(stream)).replaceAll('=\r\n', '').replaceAll('=3D', '=');
    const link = /http:\S+token=\w+/.exec(content)?.[0];
    if (link !== undefined) links.push({ to: envelope.rcptTo[0]!.address, path: link.replace(/^http:\/\/[^/]+/, '') });
    done();
  },
});
smtp.listen(0, '127.0.0.1');
await once(smtp.server, 'listening');
afterAll(() => new Promise<void>((resolve) => smtp.close(() => resolve())));

const { port } = smtp.server.address() as AddressInfo;
const fixture = await openFixture({ SMTP_URL: `smtp://127.0.0.1:${port}`, MAIL_FROM: 'tasks@holdfast.example' });

async function waitForLink(to: string, path: string): Promise<string> {
  const find = () => links.find((link) => link.to === to && link.path.startsWith(path));
  await expect.poll(find).toBeDefined();
  return find()!.path;
}

test('the link of a mail sets a forgotten password, which ends the other sessions', async () => {
  const page = await fixture.openApp(desktop);
  const account = await fixture.signUp(page);
  const other = await fixture.openApp({ ...desktop, path: '/sign-in' });
  await other.getByRole('link', { name: 'Forgot your password?' }).click();
  await other.getByLabel('Email').fill(account.email);
  await other.getByRole('button', { name: 'Send link' }).click();
  await other.getByText(`If ${account.email} has an account, a mail is on its way.`).waitFor();
  await other.goto(fixture.server.origin + (await waitForLink(account.email, '/reset-password')));
  fixture.allow(/status of 401/);
  await other.getByLabel('New password', { exact: true }).fill('a new secret');
  await other.getByRole('button', { name: 'Save password' }).click();
  await other.getByText('Your password is changed. Sign in with the new one.').waitFor();
  await page.getByText('Your session has ended. Sign in again to go on.').waitFor();
  await other.getByRole('link', { name: 'Back to sign in' }).click();
  await signIn(other, account, 'a new secret');
  await other.getByRole('heading', { name: 'Inbox', level: 1 }).waitFor();
});

test('the link of a mail confirms a new email address, with which the user then signs in', async () => {
  const page = await fixture.openApp(desktop);
  await fixture.signUp(page);
  const email = 'new@example.org';
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByText('Not confirmed yet.').waitFor();
  await page.getByRole('button', { name: 'Change email' }).click();
  await page.getByLabel('New email address').fill(email);
  await page.getByRole('dialog').getByLabel('Password', { exact: true }).fill('correct horse');
  await page.getByRole('button', { name: 'Send link' }).click();
  await page.getByText(`A mail is on its way to ${email}.`).waitFor();
  await page.goto(fixture.server.origin + (await waitForLink(email, '/verify-email')));
  await page.getByText(`${email} is confirmed. Thank you.`).waitFor();
  const other = await openDevice(fixture, { name: 'Ada', email });
  expect(await other.title()).toBe('Inbox · Holdfast');
});
