import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { openFixture } from '../fixture.ts';
import { createTasks, findRow, readFocus } from './tasks.ts';

const { openApp, signUp } = await openFixture();

async function findViolations(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).include('.task-list').analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 150)).join(' | ')}`);
}

for (const colorScheme of ['light', 'dark'] as const) {
  test(`a list has no violation of the accessibility rules in the ${colorScheme} theme`, async () => {
    const page = await openApp({ colorScheme, reducedMotion: 'reduce' });
    await signUp(page);
    await createTasks(page, ['Done', { title: 'Due', due: { date: '2020-01-01' } }, 'Plain', 'Chosen']);
    await page.keyboard.press('j');
    await page.keyboard.press('Space');
    await findRow(page, 'Done').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Completed (1)' }).click();
    await findRow(page, 'Chosen').click({ modifiers: ['Control'], position: { x: 300, y: 20 } });
    await page.keyboard.press('k');
    await page.keyboard.press('3');
    await findRow(page, 'Chosen').getByText('High priority').waitFor();
    expect(await findViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Actions for “Plain”' }).click();
    await page.getByRole('menuitem', { name: 'Open' }).waitFor();
    expect(await findViolations(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Clear the selection' }).click();
    expect(await readFocus(page)).not.toContain('<body');
    await page.getByRole('button', { name: 'Actions for “Plain”' }).press('e');
    await page.getByRole('textbox', { name: 'Title' }).waitFor();
    expect(await findViolations(page)).toEqual([]);
  });
}
