import { AsyncLocalStorage } from 'node:async_hooks';

/** What the work under way is for: a request, a procedure called by it, a job. Statements are told and ended by it. */
export interface Operation {
  /** Such as a procedure's name; null where nobody gave one. */
  readonly name: string | null;
  /** Names the request in logs and answers; null outside of requests. */
  readonly requestId: string | null;
  /** Whoever waits for the work went away when this is aborted; the statement that runs then is ended. */
  readonly signal: AbortSignal | null;
  /** When the work must be over, on the clock of `performance.now()`; Infinity for never. */
  readonly deadlineAt: number;
  /** What the work and the operations within it have cost so far. */
  readonly cost: Cost;
  /** The operation that this one is part of. */
  readonly parent: Operation | null;
}

export interface Cost {
  /** Statements sent, besides those that open and end transactions. */
  statements: number;
  /** Milliseconds spent waiting for a connection. */
  waitMs: number;
  /** How often a unit of work was run again. */
  retries: number;
}

/** What is not given is as in the operation around. */
export type OperationOptions = Partial<Pick<Operation, 'name' | 'requestId' | 'signal' | 'deadlineAt'>>;

const operations = new AsyncLocalStorage<Operation>();

/** Runs work as an operation of its own, within the one that is under way. */
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

/** The operation that is under way; null outside of any. */
export function currentOperation(): Operation | null {
  return operations.getStore() ?? null;
}

/** Adds to the cost of an operation and of all that it is part of. */
export function addCost(operation: Operation | null, item: keyof Cost, amount: number): void {
  for (let at = operation; at !== null; at = at.parent) at.cost[item] += amount;
}

/** Why an operation should do nothing more, undefined while it may go on. */
export function findEnd(operation: Operation | null): 'abandoned' | 'overdue' | undefined {
  if (operation === null) return undefined;
  if (operation.signal?.aborted) return 'abandoned';
  return operation.deadlineAt <= performance.now() ? 'overdue' : undefined;
}
