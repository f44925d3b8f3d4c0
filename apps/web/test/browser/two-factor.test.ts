import { createOneTimeCode } from '@holdfast/db/testing';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { openFixture, password } from './fixture.ts';
import { refusedResponse, signIn, signOut, untilTitle } from './steps.ts';

const { openApp, signUp, allow } = await openFixture();

const findSection = (page: Page) => page.getByRole('region', { name: 'Second factor' });

/** Turns the second factor on, and returns the secret and the backup codes that the page shows. */
async function setUp(page: Page) {
  await page.getByRole('link', { name: 'Settings' }).click();
  await findSection(page).getByRole('button', { name: 'Set up the second factor' }).click();
  const dialog = page.getByRole('dialog', { name: 'Set up the second factor' });
  await dialog.getByLabel('Password', { exact: true }).fill(password);
  await dialog.getByRole('button', { name: 'Next' }).click();
  await dialog.getByRole('img', { name: 'QR code for an authenticator app' }).waitFor();
  const secret = await dialog.locator('.two-factor-secret').innerText();
  allow(refusedResponse);
  await dialog.getByLabel('Code of the app').fill('12345');
  await dialog.getByRole('button', { name: 'Turn on' }).click();
  await dialog.getByText('The code is wrong or was used.').waitFor();
  await dialog.getByLabel('Code of the app').fill(createOneTimeCode(secret));
  await dialog.getByRole('button', { name: 'Turn on' }).click();
  const items = dialog.getByRole('list', { name: 'Backup codes' }).getByRole('listitem');
  await items.first().waitFor();
  const codes = await items.allInnerTexts();
  await dialog.getByRole('button', { name: 'Done' }).click();
  await findSection(page).getByText('The second factor is on.').waitFor();
  return { secret, codes };
}

async function enterCode(page: Page, code: string): Promise<void> {
  await page.getByLabel('Code', { exact: true }).fill(code);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

test('a user sets up a second factor, signs in with its code and trusts the browser, and turns it off', async () => {
  const page = await openApp();
  const account = await signUp(page);
  const { secret, codes } = await setUp(page);
  expect(codes).toHaveLength(10);
  await signOut(page);
  await signIn(page, account);
  await page.getByText('Enter the code of your authenticator app').waitFor();
  await enterCode(page, '12345');
  await page.locator('.field-problem').getByText('The code is wrong or was used.').waitFor();
  await page.getByLabel('Do not ask again in this browser').check();
  await enterCode(page, createOneTimeCode(secret));
  await untilTitle(page, 'Inbox');
  await signOut(page);
  await signIn(page, account);
  await untilTitle(page, 'Inbox');

  const other = await openApp({ path: '/settings' });
  await signIn(other, account);
  await enterCode(other, codes[0]!);
  await untilTitle(other, 'Settings');
  await findSection(other).getByRole('button', { name: 'New backup codes' }).click();
  const dialog = other.getByRole('dialog');
  await dialog.getByLabel('Password', { exact: true }).fill(password);
  await dialog.getByRole('button', { name: 'Create codes' }).click();
  await dialog.getByRole('listitem').first().waitFor();
  const renewed = await dialog.getByRole('listitem').allInnerTexts();
  expect(renewed).toHaveLength(10);
  expect(renewed).not.toContain(codes[1]);
  await dialog.getByRole('button', { name: 'Done' }).click();
  await findSection(other).getByRole('button', { name: 'Turn off the second factor' }).click();
  await dialog.getByLabel('Password', { exact: true }).fill(password);
  await dialog.getByRole('button', { name: 'Turn off the second factor' }).click();
  await findSection(other).getByText('The second factor is off.').waitFor();
});
