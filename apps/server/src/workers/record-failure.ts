import type { Logger } from 'pino';
import type { RecordFailure } from '../peers/messages.ts';
import { describeError } from '../telemetry/log-fields.ts';

/** Writes failures to the log. Those before there is a log are lost. */
export const createRecordFailure =
  (findLogger: () => Logger | undefined): RecordFailure =>
  (topic, error) =>
    findLogger()?.error({ topic, ...describeError(error) }, 'message of a worker failed');
