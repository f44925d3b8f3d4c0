import { holdfast } from '../contestants/index.ts';
import type { BenchDatabase } from '../data.ts';
import { readEnvironment } from '../environment.ts';
import type { Options } from '../options.ts';
import { readResidentBytes } from '../process-times.ts';
import { reportProgress } from '../progress.ts';
import type { Soak } from '../results.ts';
import type { Rig } from '../rig.ts';
import { slope } from '../statistics.ts';

const slices = 50;

const toMiB = (bytes: number) => bytes / 2 ** 20;

/** Sends many mixed requests and measures the growth of memory. */
export async function soak(rig: Rig, database: BenchDatabase, options: Options): Promise<Soak> {
  reportProgress(`Soak test with ${options.soakRequests.toLocaleString('en')} requests`);
  const running = await rig.start(holdfast, database);
  const readings: { x: number; y: number }[] = [];
  const rates: number[] = [];
  let requests = 0;
  const record = () => readings.push({ x: requests, y: readResidentBytes(running.pid) });
  record();
  for (let slice = 0; slice < slices; slice++) {
    const result = await rig.run(running, {
      connections: options.connections,
      calls: { operation: 'mixed', ...database.size },
      until: { requests: Math.ceil(options.soakRequests / slices) },
    });
    requests += result.requests;
    rates.push(result.requestsPerSecond);
    record();
  }
  await running.stop();
  return {
    environment: readEnvironment(rig.server.version),
    requests,
    // All slices have the same number of requests, so this is the harmonic mean of the rates.
    requestsPerSecond: slices / rates.reduce((sum, rate) => sum + 1 / rate, 0),
    startMiB: toMiB(readings[0]!.y),
    endMiB: toMiB(readings.at(-1)!.y),
    highestMiB: toMiB(Math.max(...readings.map(({ y }) => y))),
    kibPerThousandRequests: (slope(readings.slice(slices / 2)) / 1024) * 1000,
  };
}
