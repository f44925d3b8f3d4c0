import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { openFixture } from './fixture.ts';

const { openApp, server, signUp } = await openFixture();

const sizes = { phone: { width: 390, height: 844 }, wide: { width: 1280, height: 900 } };
const combinations = (['light', 'dark'] as const).flatMap((colorScheme) =>
  Object.entries(sizes).map(([size, viewport]) => ({ size, colorScheme, viewport })),
);

/** Colors are measured without animations, which change them for a moment. */
const reducedMotion = 'reduce' as const;

async function findProblems(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
}

test.for(combinations)(
  'axe finds no problem on the pages before a sign-in, $size and $colorScheme',
  async ({ colorScheme, viewport }) => {
    const page = await openApp({ colorScheme, viewport, reducedMotion });
    for (const path of ['/sign-in', '/sign-up', '/forgot-password', '/reset-password?token=x']) {
      await page.goto(server.origin + path);
      await page.getByRole('button').last().click();
      await page.locator('.field-problem').first().waitFor();
      expect(await findProblems(page), path).toEqual([]);
    }
  },
);

test.for(combinations)(
  'axe finds no problem on the screens and in the dialogs of the frame, $size and $colorScheme',
  async ({ size, colorScheme, viewport }) => {
    const page = await openApp({ colorScheme, viewport, reducedMotion });
    await signUp(page);
    const openSide = async () => {
      if (size === 'phone') await page.getByRole('button', { name: 'Menu' }).click();
    };
    for (const path of ['/inbox', '/today', '/upcoming', '/settings', '/nothing']) {
      await page.goto(server.origin + path);
      await page.getByRole('heading', { level: 1 }).waitFor();
      expect(await findProblems(page), path).toEqual([]);
    }
    await openSide();
    expect(await findProblems(page), 'sidebar').toEqual([]);
    await page.getByTitle('Your account').and(page.getByRole('button')).click();
    await page.getByRole('menu').waitFor();
    expect(await findProblems(page), 'menu of the account').toEqual([]);
    await page.getByRole('menuitem', { name: 'Keyboard shortcuts' }).click();
    await page.getByRole('dialog').waitFor();
    expect(await findProblems(page), 'shortcuts').toEqual([]);
    await page.keyboard.press('Escape');
    await openSide();
    await page.getByRole('button', { name: 'New list' }).click();
    expect(await findProblems(page), 'new list').toEqual([]);
    await page.getByLabel('Name').fill('Work');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Work' }).waitFor();
    expect(await findProblems(page), 'list').toEqual([]);
  },
);
