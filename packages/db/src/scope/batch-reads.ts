import type { Operation } from '@holdfast/operation';
import { toNamedError } from '../connection/driver-error.ts';
import { DatabaseUnavailableError } from '../errors.ts';
import type { BoundStatement } from './pipeline.ts';
import type { Statement, TextRow } from './prepared-statement.ts';

/** Runs statements in one transaction and returns the rows of each. */
export type RunStatements = (statements: readonly BoundStatement[]) => Promise<TextRow[][]>;
type RunStatement = (call: StatementCall) => Promise<TextRow[]>;

interface StatementCall {
  readonly statement: Statement<object>;
  readonly args: object;
  readonly operation: Operation | null;
}

export function bind({ statement, args, operation }: StatementCall): BoundStatement {
  const { name, preparedName, text, isRead } = statement;
  const isIdempotent = statement.isIdempotent || isRepeatable(args);
  return { name, preparedName, text, values: statement.toValues(args), isRead, isIdempotent, operation };
}

/** Whether the statement recognizes a repetition by the ID of its operation. */
function isRepeatable(args: { operationId?: unknown }): boolean {
  return args.operationId !== undefined;
}

/** Runs each statement in a separate transaction. */
export function runEach(run: RunStatements): RunStatement {
  return async (call) => (await run([bind(call)]))[0]!;
}

interface PendingRead extends StatementCall {
  readonly resolve: (rows: TextRow[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Runs the reads of one turn of the event loop in one transaction, and merges reads of one statement into its batch form.
 * If the transaction fails, each read runs separately, so that a bad read does not fail the others.
 */
export function batchReads(run: RunStatements): RunStatement {
  const runAlone = runEach(run);
  let pending: PendingRead[] = [];

  async function flush(): Promise<void> {
    const reads = pending;
    pending = [];
    try {
      const batches = [...Map.groupBy(reads, ({ statement }) => statement).values()].flatMap(toBatches);
      const results = await run(batches.map(({ bound }) => bound));
      batches.forEach(({ deliver }, at) => deliver(results[at]!));
    } catch (error) {
      const isAboutOne = reads.length > 1 && !(toNamedError(error) instanceof DatabaseUnavailableError);
      for (const read of reads) {
        if (isAboutOne) runAlone(read).then(read.resolve, read.reject);
        else read.reject(error);
      }
    }
  }

  return (call) =>
    new Promise((resolve, reject) => {
      if (pending.push({ ...call, resolve, reject }) === 1) setImmediate(() => void flush());
    });
}

/** The statements to send for reads of one statement, and the delivery of their rows. */
function toBatches(reads: PendingRead[]): { bound: BoundStatement; deliver: (rows: TextRow[]) => void }[] {
  const { statement, operation } = reads[0]!;
  const { batch } = statement;
  if (batch === undefined || reads.length === 1) {
    return reads.map((read) => ({ bound: bind(read), deliver: read.resolve }));
  }
  const args = batch.toArgs(reads.map((read) => read.args));
  const deliver = (rows: TextRow[]) => {
    for (const read of reads) read.resolve(rows.filter((row) => batch.isFor(read.args, row)));
  };
  return [{ bound: bind({ statement: batch.statement, args, operation }), deliver }];
}
