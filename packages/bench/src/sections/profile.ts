import { readdir, readFile } from 'node:fs/promises';
import { holdfast } from '../contestants/index.ts';
import type { BenchDatabase } from '../data.ts';
import { readEnvironment } from '../environment.ts';
import type { Options } from '../options.ts';
import { reportProgress } from '../progress.ts';
import type { Profile } from '../results.ts';
import type { Rig } from '../rig.ts';

const seconds = 10;

/** Parts of the request path, with the functions that belong to each: by file, or by name for native functions. */
const parts: readonly (readonly [string, RegExp])[] = [
  ['writing to sockets: the system calls', /^write(?:Buffer|Utf8String|String|v|Latin1String) :/],
  ['garbage collection', /^\(garbage collector\)/],
  ['the log: pino', /pino|sonic-boom|thread-stream|request-log/],
  ['security headers: helmet', /\/helmet\//],
  ['routing: express', /\/(?:express|router|parseurl)\//],
  ['procedure steps: tRPC', /@trpc\/server/],
  ['adapter of the procedures: packages/trpc-express', /packages\/trpc-express/],
  ['validation of input and output: zod', /\/zod\//],
  ['tokens, cursors and other crypto', /node:internal\/crypto|\/jose\/|token-cache|tasks\/cursor/],
  ['the database driver: node-postgres', /\/pg(?:-pool|-protocol)?\//],
  ['transactions and statements: packages/db', /packages\/(?:db|operation)\//],
  ['the other code of apps/server and packages/api', /apps\/server|packages\/api/],
  ['HTTP, streams, timers and events: Node', /node:/],
];

/** CPU time of a list by part of the Node process, from V8's sampling profiler. */
export async function profile(rig: Rig, database: BenchDatabase, options: Options): Promise<Profile> {
  reportProgress('Profiling list calls');
  const flags = ['--cpu-prof', '--cpu-prof-dir', rig.folder];
  const running = await rig.start({ ...holdfast, flags: [...holdfast.flags, ...flags] }, database);
  const job = { connections: options.connections, calls: { operation: 'list', ...database.size } } as const;
  await rig.run(running, { ...job, until: { ms: 3_000 } });
  const { requests, serverCpu } = await rig.run(running, { ...job, until: { ms: seconds * 1_000 } });
  await running.stop();
  const shares = toShares(await readProfile(rig.folder));
  return { environment: readEnvironment(rig.server.version), requests, serverCpu, shares };
}

interface CpuProfile {
  nodes: { id: number; callFrame: { functionName: string; url: string } }[];
  samples: number[];
  timeDeltas: number[];
}

async function readProfile(folder: string): Promise<CpuProfile> {
  const name = (await readdir(folder)).find((file) => file.endsWith('.cpuprofile'));
  return JSON.parse(await readFile(`${folder}/${name}`, 'utf8')) as CpuProfile;
}

/** Each part's share of the busy time of the process, without start and warm-up. */
function toShares({ nodes, samples, timeDeltas }: CpuProfile): Profile['shares'] {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, `${callFrame.functionName} :${callFrame.url}`]));
  const times = new Map<string, number>();
  let total = 0;
  let remaining = seconds * 1_000_000;
  for (let at = samples.length - 1; at >= 0 && remaining > 0; at--) {
    const time = timeDeltas[at]!;
    remaining -= time;
    const name = names.get(samples[at]!)!;
    if (/^\((?:idle|program|root)\)/.test(name)) continue;
    const part = parts.find(([, pattern]) => pattern.test(name))?.[0] ?? 'other native functions';
    times.set(part, (times.get(part) ?? 0) + time);
    total += time;
  }
  return [...times]
    .map(([part, time]) => ({ part, share: time / total }))
    .sort((one, other) => other.share - one.share);
}
