import { setImmediate as nextTurn } from 'node:timers/promises';
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
  const isLong = statement.isLong?.(args) ?? false;
  return { name, preparedName, text, values: statement.toValues(args), isRead, isLong, isIdempotent, operation };
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

/** Rows that are delivered to reads without a pause. */
const rowsPerSlice = 200;

/**
 * Runs the reads of one turn of the event loop in one transaction. Equal reads run once, and reads of one statement are merged
 * into its batch form. If the transaction fails, each read runs separately, so that a bad read does not fail the others.
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
      await deliver(batches, results);
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

/** Each call converts and checks its rows at once, and other requests wait meanwhile. */
async function deliver(batches: readonly Batch[], results: readonly TextRow[][]): Promise<void> {
  let count = 0;
  for (const [at, { reads, toRows }] of batches.entries()) {
    for (const read of reads) {
      if (count >= rowsPerSlice) {
        await nextTurn();
        count = 0;
      }
      const rows = toRows(read, results[at]!);
      read.resolve(rows);
      count += rows.length;
    }
  }
}

/** A statement, and the reads that it serves. */
interface Batch {
  readonly bound: BoundStatement;
  readonly reads: readonly PendingRead[];
  /** The rows of one of these reads. */
  toRows(read: PendingRead, rows: TextRow[]): TextRow[];
}

/** The statements to send for reads of one statement. */
function toBatches(reads: PendingRead[]): Batch[] {
  const { statement, operation } = reads[0]!;
  const { batch } = statement;
  if (reads.length === 1) return [toShared(reads)];
  if (batch === undefined) {
    return [...Map.groupBy(reads, ({ args }) => JSON.stringify(args)).values()].map(toShared);
  }
  const args = batch.toArgs(reads.map((read) => read.args));
  const toRows: Batch['toRows'] = (read, rows) => rows.filter((row) => batch.isFor(read.args, row));
  return [{ bound: bind({ statement: batch.statement, args, operation }), reads, toRows }];
}

/** One statement for equal reads. */
function toShared(reads: PendingRead[]): Batch {
  return { bound: bind(reads[0]!), reads, toRows: (_read, rows) => rows };
}
