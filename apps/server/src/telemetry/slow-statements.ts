import type { StatementReport } from '@holdfast/db';
import type { Logger } from 'pino';
import { roundToTenths } from './log-fields.ts';

/** Maximum number of lines per second. In an outage, every statement is slow. */
const linesMax = 10;
const windowMs = 1000;

export interface SlowStatementOptions {
  logger: Logger;
  /** Statements that take this many milliseconds or more are slow. 0 turns the log off. */
  thresholdMs: number;
}

/** Logs each slow statement without its values. Counts the statements beyond the maximum instead of logging them. */
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
        poolWaitMs: roundToTenths(report.waitMs),
        durationMs: roundToTenths(report.durationMs),
        rows: report.rows,
        errorCode: report.errorCode,
      },
      'slow statement',
    );
  };
}
