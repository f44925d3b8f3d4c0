import { expect, test } from 'vitest';
import { openFixture } from '../fixture.ts';
import { call, findRow, readTitles } from './tasks.ts';

const { openApp, signUp } = await openFixture();

test('late tasks move to today together and keep their times, and undo brings their days back', async () => {
  const page = await openApp();
  await signUp(page);
  await call(page, 'task.create', { title: 'Late', due: { date: '2020-01-01' } });
  await call(page, 'task.create', { title: 'Late at nine', due: { date: '2020-01-02', time: '09:00' } });
  await page.getByRole('link', { name: 'Today' }).click();
  await findRow(page, 'Late at nine').waitFor();
  await page.getByRole('button', { name: 'Move all to today' }).click();
  await page.getByRole('heading', { name: 'Overdue' }).waitFor({ state: 'detached' });
  await findRow(page, 'Late at nine').getByText('9:00').waitFor();
  expect((await readTitles(page)).toSorted()).toEqual(['Late', 'Late at nine']);
  await page.keyboard.press('Control+z');
  await page.getByRole('heading', { name: 'Overdue' }).waitFor();
  await findRow(page, 'Late at nine').getByText('2020').waitFor();
});

test('an empty account sees what to press first, until it has a task', async () => {
  const page = await openApp();
  const { name } = await signUp(page);
  await page.getByText(`Welcome, ${name}`).waitFor();
  await page.getByText('Add a task from any page.').waitFor();
  await call(page, 'task.create', { title: 'First' });
  await findRow(page, 'First').waitFor();
  expect(await page.getByText('Welcome').count()).toBe(0);
});

test('a row shows six of twenty labels and the number of the others', async () => {
  const page = await openApp();
  await signUp(page);
  await call(page, 'task.create', { title: 'Many', labels: Array.from({ length: 20 }, (_, at) => `label${at}`) });
  await findRow(page, 'Many').getByText('14 more labels').waitFor();
  expect(
    await findRow(page, 'Many')
      .getByText(/^#label/)
      .count(),
  ).toBe(6);
});
