/** Outcome of several calls of one command. */
export interface Settled<Result> {
  /** Results of the successful calls. */
  results: Result[];
  /** @throws AggregateError of TaskCallError if calls failed. */
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

/** Waits for all calls, even if some fail. */
export async function settle<Result>(calls: { id: string; call: Promise<Result> }[]): Promise<Settled<Result>> {
  const settled = await Promise.allSettled(calls.map(({ call }) => call));
  const errors = settled.flatMap((one, index) =>
    one.status === 'rejected' ? [new TaskCallError(calls[index]!.id, one.reason)] : [],
  );
  return {
    results: settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])),
    assertAll() {
      if (errors.length > 0) throw new AggregateError(errors);
    },
  };
}
