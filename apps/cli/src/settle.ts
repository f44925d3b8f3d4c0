/** Several calls of one command: what some of them gave does not go under because others failed. */
export interface Settled<Result> {
  results: Result[];
  /** @throws AggregateError of FailedFor, where calls have failed. */
  assertAll(): void;
}

/** A call for one of several tasks has failed. */
export class FailedFor extends Error {
  override readonly name = 'FailedFor';
  readonly id: string;

  constructor(id: string, cause: unknown) {
    super(`The call for ${id} has failed.`, { cause });
    this.id = id;
  }
}

export async function settle<Result>(calls: { id: string; call: Promise<Result> }[]): Promise<Settled<Result>> {
  const settled = await Promise.allSettled(calls.map(({ call }) => call));
  const failures = settled.flatMap((one, index) =>
    one.status === 'rejected' ? [new FailedFor(calls[index]!.id, one.reason)] : [],
  );
  return {
    results: settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])),
    assertAll() {
      if (failures.length > 0) throw new AggregateError(failures);
    },
  };
}
