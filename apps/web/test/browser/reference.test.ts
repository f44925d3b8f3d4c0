import { mkdir } from 'node:fs/promises';
import { createClient } from '@holdfast/client';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { openFixture, password } from './fixture.ts';

const { openApp, server } = await openFixture();
/** Where to store pictures. Without it, none are taken. */
const folder = process.env['TEST_SCREENSHOTS'];

const sizes = [
  { width: 390, height: 844 },
  { width: 1440, height: 900 },
];

async function takePicture(page: Page, name: string): Promise<void> {
  if (folder === undefined) return;
  await mkdir(folder, { recursive: true });
  await page.screenshot({ path: `${folder}/reference-${name}-${page.viewportSize()!.width}.png` });
}

async function openReference(viewport: { width: number; height: number }): Promise<Page> {
  const page = await openApp({ path: '/docs', viewport });
  await page.getByRole('heading', { level: 1, name: 'Holdfast' }).waitFor();
  return page;
}

test.for(sizes)(
  'at $width px, the reference at /docs shows its parts without a sideways scroll bar',
  async (viewport) => {
    const page = await openReference(viewport);
    const heading = (name: string) => page.getByRole('heading', { name, exact: true }).first();
    await heading('First call').waitFor();
    await takePicture(page, 'start');
    for (const name of ['Pages', 'Writes', 'Errors', 'Values', 'Tasks']) await heading(name).waitFor();
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(width).toBe(viewport.width);
    await page.goto(`${server.origin}/docs#tag/tasks/PATCH/api/v1/tasks/{id}`);
    await page.getByText('If-Match', { exact: true }).first().waitFor();
    await takePicture(page, 'call');
  },
);

test('a search in the reference finds a call, and a request from the page works with an API token', async () => {
  const client = createClient({ url: server.url });
  await client.signUp({ name: 'Ada', email: 'ada@example.org', password });
  await client.task.create({ title: 'From the reference' });
  const { token } = await client.account.createToken({ name: 'x', scope: 'read' });
  const page = await openReference({ width: 1440, height: 900 });
  await page.keyboard.press('Control+k');
  await page.getByRole('dialog').getByRole('combobox').or(page.getByRole('searchbox')).first().fill('count tasks');
  await takePicture(page, 'search');
  await page.getByRole('option', { name: 'Count tasks' }).first().click();
  await expect.poll(() => page.url()).toContain('#tag/tasks/GET/api/v1/tasks/count');
  await page.getByRole('button', { name: 'Test Request (get /api/v1/tasks/count)' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Bearer Token').fill(token);
  await dialog.getByRole('button', { name: 'Send get request' }).click();
  await dialog.getByText('"count"').waitFor();
  await takePicture(page, 'request');
  expect(
    await page.evaluate(() => JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage)])),
  ).not.toContain(token);
});

test('GET / names the address of the reference', async () => {
  const index = (await (await fetch(server.url)).json()) as { links: Record<string, string> };
  expect(index.links['reference']).toBe(`${server.origin}/docs`);
});
