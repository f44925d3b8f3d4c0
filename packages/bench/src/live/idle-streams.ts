import { setTimeout as sleep } from 'node:timers/promises';
import { receiveJob } from '../child.ts';
import { readOwnTime, readResidentBytes } from '../process-times.ts';
import { openStream } from './stream.ts';

// Many clients that wait for changes, in a separate process.

export interface IdleStreamsJob {
  url: string;
  /** Process ID of the server. */
  pid: number;
  streams: number;
  /** Each with the cursor after the user's last change, so that the streams send nothing. */
  users: { token: string; since: string }[];
  /** Seconds for which the streams are idle. */
  seconds: number;
}

export interface IdleStreamsResult {
  startBytes: number;
  endBytes: number;
  /** CPU seconds of the server per second. */
  cores: number;
}

const openAtOnce = 100;
/** The streams settle for this time before the measurement. */
const settleMs = 20_000;
/** On Linux, all of 127.0.0.0/8 is this machine, so that no address has too many connections. */
const toAddress = (at: number) => (process.platform === 'linux' ? `127.3.${at >> 8}.${1 + (at & 127)}` : undefined);

const { job } = await receiveJob();
const { url, pid, streams, users, seconds } = job as IdleStreamsJob;
const startBytes = readResidentBytes(pid);
for (let first = 0; first < streams; first += openAtOnce) {
  const opened = Array.from({ length: Math.min(openAtOnce, streams - first) }, (_, at) => {
    const number = first + at;
    return openStream(url, { ...users[number % users.length]!, from: toAddress(number) }).opened;
  });
  await Promise.all(opened);
}
await sleep(settleMs);
const cpuBefore = readOwnTime(pid);
const startedAt = performance.now();
await sleep(seconds * 1000);
const elapsedMs = performance.now() - startedAt;
const result: IdleStreamsResult = {
  startBytes,
  endBytes: readResidentBytes(pid),
  cores: (readOwnTime(pid) - cpuBefore) / 1000 / elapsedMs,
};
process.send!(result);
