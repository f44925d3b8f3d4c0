import { AsyncLocalStorage } from 'node:async_hooks';

export { mapInSlices, Slices } from './slices.ts';

/** The purpose of the current work: a request, a procedure call, a job. It names its SQL statements and can cancel them. */
export interface Operation {
  /** Name of the work, such as a procedure's name; null if it has no name. */
  readonly name: string | null;
  /** ID of the request in logs and responses; null outside requests. */
  readonly requestId: string | null;
  /** Aborts when the caller no longer waits. The running statement is then canceled. */
  readonly signal: AbortSignal | null;
  /** Deadline in milliseconds on the clock of `performance.now()`; Infinity if there is no deadline. */
  readonly deadlineAt: number;
  /** Cost of this operation and its nested operations so far. */
  readonly cost: Cost;
  /** The enclosing operation; null if there is no enclosing operation. */
  readonly parent: Operation | null;
}

export interface Cost {
  /** Number of SQL statements, without those that begin and end transactions. */
  statements: number;
  /** Milliseconds spent waiting for a connection. */
  waitMs: number;
  /** Number of repeated transactions. */
  retries: number;
}

/** Omitted options are inherited from the enclosing operation. */
export type OperationOptions = Partial<Pick<Operation, 'name' | 'requestId' | 'signal' | 'deadlineAt'>>;

const operations = new AsyncLocalStorage<Operation>();

/** Runs work as a new operation within the current one. The earlier of the two deadlines applies. */
export function inOperation<Result>(options: OperationOptions, work: (operation: Operation) => Result): Result {
  const parent = currentOperation();
  const operation: Operation = {
    name: options.name ?? parent?.name ?? null,
    requestId: options.requestId ?? parent?.requestId ?? null,
    signal: options.signal ?? parent?.signal ?? null,
    deadlineAt: Math.min(options.deadlineAt ?? Infinity, parent?.deadlineAt ?? Infinity),
    cost: { statements: 0, waitMs: 0, retries: 0 },
    parent,
  };
  return operations.run(operation, work, operation);
}

/**
 * Runs a part of an operation that may outlast the operation's deadline, such as one read of a stream. The part has a deadline
 * of its own, and adds to the cost of the operation.
 */
export function inPartOf<Result>(operation: Operation, deadlineAt: number, work: () => Result): Result {
  const { name, requestId, signal } = operation;
  const cost = { statements: 0, waitMs: 0, retries: 0 };
  return operations.run({ name, requestId, signal, deadlineAt, cost, parent: operation }, work);
}

/** Returns the current operation; null outside operations. */
export function currentOperation(): Operation | null {
  return operations.getStore() ?? null;
}

/** Adds to the cost of an operation and of all operations that enclose it. */
export function addCost(operation: Operation | null, item: keyof Cost, amount: number): void {
  for (let current = operation; current !== null; current = current.parent) current.cost[item] += amount;
}

/**
 * Returns why an operation must stop: `abandoned` if its signal was aborted, `overdue` if its deadline has passed. Returns
 * undefined if it may continue.
 */
export function findEnd(operation: Operation | null): 'abandoned' | 'overdue' | undefined {
  if (operation === null) return undefined;
  if (operation.signal?.aborted) return 'abandoned';
  return operation.deadlineAt <= performance.now() ? 'overdue' : undefined;
}
