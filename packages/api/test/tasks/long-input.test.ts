import { countTurns } from '@holdfast/operation/testing';
import { expect, test } from 'vitest';
import { createTasksInput } from '../../src/schemas/many-schema.ts';

const labels = Array.from({ length: 20 }, (_, at) => `label ${at}`);
const toInput = (isWrong: (at: number) => boolean) => ({
  items: Array.from({ length: 500 }, (_, at) => ({ title: isWrong(at) ? '' : ` task ${at} `, labels })),
});

async function check(input: unknown) {
  const { success, data, error } = await createTasksInput.safeParseAsync(input);
  return { success, data, issues: error?.issues };
}

test.for([
  ['no problem', () => false],
  ['one problem', (at: number) => at === 400],
  ['more problems than are collected', (at: number) => at % 2 === 1],
] as const)('a check in slices of 500 items with %s gives the same result as one at once', async ([, isWrong]) => {
  const input = toInput(isWrong);
  const { success, data, error } = createTasksInput.safeParse(input);
  expect(await check(input)).toEqual({ success, data, issues: error?.issues });
  expect(success).toBe(!input.items.some(({ title }) => title === ''));
});

test('other work runs while 500 items are checked', async () => {
  const { turns } = await countTurns(() => check(toInput(() => false)));
  expect(turns).toBeGreaterThan(1);
});
