import { readdir, readFile } from 'node:fs/promises';
import { readCircumstances } from '../circumstances.ts';
import { holdfast } from '../contestants/index.ts';
import type { BenchDatabase } from '../data.ts';
import type { Options } from '../options.ts';
import { tell } from '../progress.ts';
import type { Profile } from '../results.ts';
import type { Rig } from '../rig.ts';

const seconds = 10;

/** Part of a request's way through the process, and the functions that belong to it: by file, native ones by name. */
const parts: readonly (readonly [string, RegExp])[] = [
  ['writing to sockets: the system calls', /^write(?:Buffer|Utf8String|String|v|Latin1String) :/],
  ['garbage collection', /^\(garbage collector\)/],
  ['the log: pino', /pino|sonic-boom|thread-stream|request-log/],
  ['security headers: helmet', /\/helmet\//],
  ['routing: express', /\/(?:express|router|parseurl)\//],
  ['procedures: tRPC’s chain of steps', /@trpc\/server/],
  ['the lane to the procedures: packages/trpc-express', /packages\/trpc-express/],
  ['checks of input and output: zod', /\/zod\//],
  ['tokens, cursors and the rest of crypto', /node:internal\/crypto|\/jose\/|token-cache|task-cursor/],
  ['the database driver: node-postgres', /\/pg(?:-pool|-protocol)?\//],
  ['units of work and statements: packages/db', /packages\/db\//],
  ['the rest of apps/server and packages/api', /apps\/server|packages\/api/],
  ['HTTP, streams, timers and events: Node', /node:/],
];

/** Where the time of one list goes in the Node process, from V8's sampling profiler. */
export async function profile(rig: Rig, database: BenchDatabase, options: Options): Promise<Profile> {
  tell('profiling the list');
  const flags = ['--cpu-prof', '--cpu-prof-dir', rig.folder];
  const running = await rig.start({ ...holdfast, flags: [...holdfast.flags, ...flags] }, database);
  const job = { connections: options.connections, calls: { operation: 'list', ...database.size } } as const;
  await rig.run(running, { ...job, until: { ms: 3_000 } });
  const { requests, serverCpu } = await rig.run(running, { ...job, until: { ms: seconds * 1_000 } });
  await running.stop();
  const shares = toShares(await readProfile(rig.folder));
  return { circumstances: readCircumstances(rig.server.version), requests, serverCpu, shares };
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

/** The parts' shares of the time in which the process was busy; the start and the warm-up are left out. */
function toShares({ nodes, samples, timeDeltas }: CpuProfile): Profile['shares'] {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, `${callFrame.functionName} :${callFrame.url}`]));
  const times = new Map<string, number>();
  let total = 0;
  let left = seconds * 1_000_000;
  for (let at = samples.length - 1; at >= 0 && left > 0; at--) {
    const time = timeDeltas[at]!;
    left -= time;
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
