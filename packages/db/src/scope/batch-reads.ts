import type { Operation } from '@holdfast/operation';
import { toNamedError } from '../connection/driver-error.ts';
import { DatabaseUnavailableError } from '../errors.ts';
import type { BoundStatement } from './pipeline.ts';
import type { Statement, TextRow } from './prepared-statement.ts';

export type RunPipeline = (statements: readonly BoundStatement[]) => Promise<TextRow[][]>;
type RunStatement = (asked: Asked) => Promise<TextRow[]>;

/** A statement, and for what and whom it is to be run. */
interface Asked {
  readonly statement: Statement<object>;
  readonly args: object;
  readonly operation: Operation | null;
}

function bind({ statement, args, operation }: Asked): BoundStatement {
  const { name, preparedName, text, isRepeatable } = statement;
  return { name, preparedName, text, values: statement.toValues(args), isRepeatable, operation };
}

export function alone(runPipeline: RunPipeline): RunStatement {
  return async (asked) => (await runPipeline([bind(asked)]))[0]!;
}

interface WaitingRead extends Asked {
  readonly resolve: (rows: TextRow[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Gathers the reads of one turn of the event loop into one unit, and those that are the same but for what they look for
 * into one statement. Where that fails, each is asked alone: one bad read shall not fail its siblings.
 */
export function joinReads(runPipeline: RunPipeline): RunStatement {
  const runAlone = alone(runPipeline);
  let waiting: WaitingRead[] = [];

  async function flush(): Promise<void> {
    const reads = waiting;
    waiting = [];
    try {
      const trips = [...Map.groupBy(reads, ({ statement }) => statement).values()].flatMap(toTrips);
      const results = await runPipeline(trips.map(({ bound }) => bound));
      trips.forEach(({ deliver }, at) => deliver(results[at]!));
    } catch (error) {
      const isAboutOne = reads.length > 1 && !(toNamedError(error) instanceof DatabaseUnavailableError);
      for (const read of reads) {
        if (isAboutOne) runAlone(read).then(read.resolve, read.reject);
        else read.reject(error);
      }
    }
  }

  return (asked) =>
    new Promise((resolve, reject) => {
      if (waiting.push({ ...asked, resolve, reject }) === 1) setImmediate(() => void flush());
    });
}

/** What is sent for reads of one statement, and who is given the rows. */
function toTrips(reads: WaitingRead[]): { bound: BoundStatement; deliver: (rows: TextRow[]) => void }[] {
  const { statement, operation } = reads[0]!;
  const { joined } = statement;
  if (joined === undefined || reads.length === 1) {
    return reads.map((read) => ({ bound: bind(read), deliver: read.resolve }));
  }
  const args = joined.toArgs(reads.map((read) => read.args));
  const deliver = (rows: TextRow[]) => {
    for (const read of reads) read.resolve(rows.filter((row) => joined.isFor(read.args, row)));
  };
  return [{ bound: bind({ statement: joined.statement, args, operation }), deliver }];
}
