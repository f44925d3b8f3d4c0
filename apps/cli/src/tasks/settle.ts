import { isHoldfastError } from '@holdfast/client';

/** Outcome of several calls of one command. */
export interface Settled<Result> {
  /** Results of the successful calls. */
  results: Result[];
  /** Errors of the others. */
  errors: unknown[];
  /** @throws AggregateError if calls failed. */
  assertAll(): void;
}

/** A call for one of several tasks failed. */
export class TaskCallError extends Error {
  override readonly name = 'TaskCallError';
  readonly id: string;

  constructor(id: string, cause: unknown) {
    super(`The call for ${id} failed.`, { cause });
    this.id = id;
  }
}

/** Most calls that wait for a response. Each has a deadline. */
const callsMax = 100;
/** Most tasks of one call. */
const idsMax = 500;

/** Sends one call for each task, even if some fail. */
export async function settle<One extends { id: string }, Result>(
  ones: One[],
  call: (one: One) => Promise<Result>,
): Promise<Settled<Result>> {
  const results: Result[] = [];
  const errors: unknown[] = [];
  for (const some of toChunks(ones, callsMax)) {
    const settled = await Promise.allSettled(some.map(call));
    for (const [index, outcome] of settled.entries()) {
      if (outcome.status === 'fulfilled') results.push(outcome.value);
      else errors.push(new TaskCallError(some[index]!.id, outcome.reason));
    }
  }
  return toSettled(results, errors);
}

/**
 * Sends one call for up to 500 tasks. The server refuses such a call if tasks are missing: they are reported, and the
 * call is sent again for the others. After any other error, no further call is sent.
 */
export async function settleMany<Result>(
  ids: string[],
  call: (ids: string[]) => Promise<Result[]>,
): Promise<Settled<Result>> {
  const results: Result[] = [];
  const errors: unknown[] = [];
  for (let rest of toChunks(ids, idsMax)) {
    while (rest.length > 0) {
      try {
        results.push(...(await call(rest)));
        break;
      } catch (error) {
        const missing = new Set(isHoldfastError(error, 'NOT_FOUND') ? error.ids : []);
        const isMissing = (id: string) => missing.has(id.toLowerCase());
        errors.push(...rest.filter(isMissing).map((id) => new TaskCallError(id, error)));
        if (!rest.some(isMissing)) {
          errors.push(rest.length === 1 ? new TaskCallError(rest[0]!, error) : error);
          return toSettled(results, errors);
        }
        rest = rest.filter((id) => !isMissing(id));
      }
    }
  }
  return toSettled(results, errors);
}

const toChunks = <One>(ones: One[], length: number) =>
  Array.from({ length: Math.ceil(ones.length / length) }, (_, index) =>
    ones.slice(index * length, (index + 1) * length),
  );

const toSettled = <Result>(results: Result[], errors: unknown[]): Settled<Result> => ({
  results,
  errors,
  assertAll() {
    if (errors.length > 0) throw new AggregateError(errors);
  },
});
