import { expect, test } from 'vitest';
import { addCost, currentOperation, findEnd, inOperation, inPartOf } from '../src/index.ts';

test('outside of any operation there is no current operation', () => {
  expect(currentOperation()).toBeNull();
});

test('an inner operation inherits omitted options from the outer operation', () => {
  const { signal } = new AbortController();
  const inner = inOperation({ name: 'outer', requestId: 'r1', signal }, () =>
    inOperation({ name: 'inner' }, (op) => op),
  );
  expect(inner).toMatchObject({ name: 'inner', requestId: 'r1', signal });
});

test('the earlier of two nested deadlines applies', () => {
  for (const [outer, inner] of [
    [10, 20],
    [20, 10],
  ] as const) {
    const nested = inOperation({ deadlineAt: outer }, () =>
      inOperation({ deadlineAt: inner }, (operation) => operation),
    );
    expect(nested.deadlineAt).toBe(10);
  }
});

test('the cost of an inner operation is part of the cost of the outer operation', () => {
  inOperation({}, (outer) => {
    inOperation({}, (inner) => {
      addCost(inner, 'statements', 2);
      addCost(outer, 'statements', 1);
      expect([inner.cost.statements, outer.cost.statements]).toEqual([2, 3]);
    });
  });
});

test('findEnd returns abandoned if the signal is aborted, and overdue if the deadline has passed', () => {
  expect(inOperation({}, findEnd)).toBeUndefined();
  expect(inOperation({ deadlineAt: performance.now() - 1 }, findEnd)).toBe('overdue');
  expect(inOperation({ signal: AbortSignal.abort() }, findEnd)).toBe('abandoned');
});

test('a part of an operation has its own deadline, and adds to the cost of the operation', () => {
  const { signal } = new AbortController();
  inOperation({ name: 'stream', requestId: 'one', signal, deadlineAt: 5 }, (operation) => {
    inPartOf(operation, 9, () => {
      const part = currentOperation()!;
      expect(part).toMatchObject({ name: 'stream', requestId: 'one', deadlineAt: 9, parent: operation });
      expect(part.signal).toBe(signal);
      addCost(part, 'statements', 2);
    });
    expect(currentOperation()).toBe(operation);
    expect(operation.cost.statements).toBe(2);
  });
});
