import type { StatementReport } from '@holdfast/db';
import type { Logger } from 'pino';
import { toTenths } from './log-fields.ts';

/** The most lines in a second; in an outage every statement is slow. */
const linesMax = 10;
const windowMs = 1000;

export interface SlowStatementOptions {
  logger: Logger;
  /** Milliseconds from which on a statement is slow; 0 for never. */
  thresholdMs: number;
}

/** Writes a line for each slow statement, without any value, and after too many only how many more there were. */
export function createSlowStatementLog({
  logger,
  thresholdMs,
}: SlowStatementOptions): (report: StatementReport) => void {
  let lines = 0;
  let suppressed = 0;

  function endWindow(): void {
    if (suppressed > 0) logger.warn({ suppressed }, 'more slow statements');
    lines = 0;
    suppressed = 0;
  }

  return (report) => {
    if (thresholdMs === 0 || report.durationMs < thresholdMs) return;
    if (lines === 0) setTimeout(endWindow, windowMs).unref();
    lines += 1;
    if (lines > linesMax) {
      suppressed += 1;
      return;
    }
    logger.warn(
      {
        requestId: report.operation?.requestId ?? null,
        procedure: report.operation?.name ?? null,
        statement: report.name,
        sql: report.sql,
        poolWaitMs: toTenths(report.waitMs),
        durationMs: toTenths(report.durationMs),
        rows: report.rows,
        errorCode: report.errorCode,
      },
      'slow statement',
    );
  };
}
