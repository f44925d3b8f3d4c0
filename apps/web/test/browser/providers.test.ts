import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { openFixture, password } from './fixture.ts';
import { refusedResponse, untilTitle } from './steps.ts';

const app = { GITHUB_CLIENT_ID: 'client', GITHUB_CLIENT_SECRET: 'secret' };
const { openApp, openSecondWindow, server, signUp, allow } = await openFixture(app);

const findButton = (page: Page) => page.getByRole('button', { name: 'Continue with GitHub' });

/** Leaves a page of GitHub as a person does who refuses. */
async function refuseAtGitHub(page: Page): Promise<() => URL | undefined> {
  let asked: URL | undefined;
  await page.route('https://github.com/**', async (route) => {
    asked = new URL(route.request().url());
    const query = new URLSearchParams({ error: 'access_denied', state: asked.searchParams.get('state')! });
    const location = `${asked.searchParams.get('redirect_uri')}?${query}`;
    await route.fulfill({ status: 302, headers: { location } });
  });
  return () => asked;
}

test('only the services of the server are offered, at the sign-in and for a new account', async () => {
  for (const path of ['/sign-in', '/sign-up']) {
    const page = await openApp({ path });
    await findButton(page).waitFor();
    expect(await page.getByRole('button', { name: 'Continue with Google' }).count()).toBe(0);
  }
});

test('a sign-in with GitHub that the user refuses leads back to the form with a reason', async () => {
  const page = await openApp({ path: '/sign-in?next=%2Ftoday' });
  const asked = await refuseAtGitHub(page);
  await findButton(page).click();
  await page.getByRole('alert').getByText('You did not allow the sign-in.').waitFor();
  expect(asked()?.pathname).toBe('/login/oauth/authorize');
  expect(asked()?.searchParams.get('redirect_uri')).toBe(`${server.origin}/api/auth/callback/github`);
  expect(new URL(page.url()).searchParams.get('next')).toBe('/today');
});

test('a link with an unknown reason shows no text of the link', async () => {
  const page = await openApp({ path: '/sign-in?error=Call%20555-1234' });
  await page.getByRole('alert').getByText('The sign-in did not work.').waitFor();
  expect(await page.getByText('555').count()).toBe(0);
});

test('after a sign-in with a service, the app opens the wanted page', async () => {
  const page = await openApp({ path: '/sign-in' });
  // The cookie of a sign-in, without what the app stores at a sign-in by its form.
  const status = await page.evaluate(
    async (person) => {
      const headers = { 'content-type': 'application/json' };
      const body = JSON.stringify(person);
      return (await fetch('/api/auth/sign-up/email', { method: 'POST', headers, body })).status;
    },
    { name: 'Ada', email: 'service@example.org', password },
  );
  expect(status).toBe(200);
  await page.goto(`${server.origin}/signed-in?next=%2Ftoday`);
  await untilTitle(page, 'Today');
});

test('without a session, the page after a sign-in leads to the form', async () => {
  const page = await openApp({ path: '/signed-in?next=%2Ftoday' });
  await page.getByRole('alert').getByText('The sign-in did not work.').waitFor();
  expect(new URL(page.url()).pathname).toBe('/sign-in');
});

test('no password is asked for until the server has said whether the user has one', async () => {
  const page = await openApp();
  await signUp(page);
  const settings = await openSecondWindow(page, '/settings');
  const released = Promise.withResolvers<void>();
  await settings.route('**/api/auth/account', async (route) => {
    await released.promise;
    await route.fallback();
  });
  await settings.reload();
  await settings.getByRole('button', { name: 'Delete account' }).click();
  const dialog = settings.getByRole('dialog');
  await dialog.getByRole('checkbox').waitFor();
  expect(await settings.getByLabel(/password/i).count()).toBe(0);
  released.resolve();
  await dialog.getByLabel('Password', { exact: true }).waitFor();
  await dialog.getByRole('checkbox').check();
  await dialog.getByRole('button', { name: 'Delete for good' }).click();
  await dialog.getByText('Enter your password.').waitFor();
});

test('without a response about the account, the password can stay empty', async () => {
  const page = await openApp();
  await signUp(page);
  const settings = await openSecondWindow(page, '/settings');
  allow(/503/);
  await settings.route('**/api/auth/account', (route) => route.fulfill({ status: 503 }));
  await settings.reload();
  await settings.getByRole('button', { name: 'Delete account' }).click();
  const dialog = settings.getByRole('dialog');
  await dialog.getByText('Leave it empty if you have no password.').waitFor();
  // This user has a password, so the server refuses.
  allow(refusedResponse);
  await dialog.getByRole('checkbox').check();
  const asked = settings.waitForRequest('**/trpc/user.delete**');
  await dialog.getByRole('button', { name: 'Delete for good' }).click();
  expect((await asked).postData()).not.toContain('password');
  await dialog.getByLabel('Password', { exact: true }).fill(password);
  await dialog.getByRole('button', { name: 'Delete for good' }).click();
  await untilTitle(settings, 'Sign in');
});

test('a user without a password is not asked for it, and can set one only by mail', async () => {
  const page = await openApp();
  await signUp(page);
  const settings = await openSecondWindow(page, '/settings');
  const info = { hasMail: true, emailVerified: true, providers: [], hasPassword: false };
  await settings.route('**/api/auth/account', (route) => route.fulfill({ json: info }));
  await settings.reload();
  await settings.getByText('You sign in with Google or GitHub').waitFor();
  expect(await settings.getByLabel('Current password').count()).toBe(0);
  await settings.getByRole('button', { name: 'Delete account' }).click();
  const dialog = settings.getByRole('dialog');
  await dialog.getByText('Your last sign-in must be less than 15 minutes ago.').waitFor();
  expect(await dialog.getByLabel('Password', { exact: true }).count()).toBe(0);
  // The account has a password after all, so the server refuses.
  allow(refusedResponse);
  await dialog.getByRole('checkbox').check();
  await dialog.getByRole('button', { name: 'Delete for good' }).click();
  await dialog
    .getByRole('alert')
    .getByText(/password/)
    .waitFor();
});
