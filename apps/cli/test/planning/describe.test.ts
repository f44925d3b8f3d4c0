import { expect, test } from 'vitest';
import { describeInterpretation } from '../../src/planning/describe.ts';

const due = { date: '2026-11-29', time: '09:00' };

test('one line shows title, due date, labels, list and priority of a task', () => {
  const task = { title: 'Pay', due, labels: ['home', 'work'], list: 'money', priority: 2 as const };
  expect(describeInterpretation(task)).toBe(
    'Pay · due Sun 29 Nov 2026 09:00 · #home · #work · @money · priority medium',
  );
  expect(describeInterpretation({ ...task, due: null, labels: [], list: 'Two words', priority: 0 })).toBe(
    'Pay · @"Two words"',
  );
});

test('the line that shows the interpretation has no control characters', () => {
  const task = { title: 'Pay \u001b[31m', due: { date: '2026-11-29' }, labels: [], list: null, priority: 0 as const };
  expect(describeInterpretation(task)).toBe('Pay \\u001b[31m · due Sun 29 Nov 2026');
});
