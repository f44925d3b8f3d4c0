import { EventEmitter, once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openFaultProxy } from '@holdfast/db/testing';
import { openEmbeddedPostgres } from '@holdfast/embedded-postgres';
import { Client } from 'pg';
import type { Closings } from '../closings.ts';
import { holdfast } from '../contestants/index.ts';
import { startContestant } from '../contestants/running.ts';
import { openIssuer } from '../issuer.ts';
import { readResidentBytes } from '../process-times.ts';
import { tell } from '../progress.ts';
import { toText } from '../report/table.ts';
import { slope } from '../statistics.ts';
import { type Clients, startClients } from './clients.ts';
import { createDisturbances, type Disturbance } from './disturbances.ts';
import { createLedger, type Row } from './ledger.ts';
import { readPoolState } from './metrics.ts';

const clientCount = 24;
const recoveryLimitMs = 60_000;
const calmMs = 2_000;

/** What one fault did. Times are in milliseconds from its end, NaN where that did not come. */
interface Episode {
  name: string;
  /** Until one client was answered well, and until every client was. */
  first: number;
  every: number;
  /** Failed calls by code, until every client was answered well. */
  failures: string;
  /** And in the calm after that. */
  late: string;
}

/**
 * Runs the server for some minutes on a PostgreSQL and a network that fail again and again, and compares what clients
 * were told with what the database holds.
 *
 * @returns whether it holds what it should, and the server served every client again each time.
 */
export async function runFaults(minutes: number, closings: Closings): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-faults-'));
  closings.add(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  const issuer = await openIssuer();
  closings.add(() => issuer.close());
  const events = new EventEmitter();
  const opening = openEmbeddedPostgres({
    dataDir: join(folder, 'data'),
    onEvent: ({ kind, message }) => {
      if (kind === 'restored') events.emit(kind);
      if (kind === 'restore-failed') tell(message);
    },
  });
  closings.add(async () => (await opening).stop());
  const postgres = await opening;
  const adminUrl = Object.assign(new URL(postgres.adminUrl), { pathname: '/holdfast' }).href;
  const proxy = await openFaultProxy(postgres.url);
  closings.add(() => proxy.close());
  const server = await startContestant(holdfast, { folder, databaseUrl: proxy.url, issuerEnv: issuer.env, closings });

  const ledger = createLedger();
  const clients = startClients(server.url, await issuer.mint(clientCount), ledger);
  const memory: { x: number; y: number }[] = [];
  const watch = setInterval(
    () => memory.push({ x: performance.now() / 60_000, y: readResidentBytes(server.pid) / 1024 }),
    500,
  );
  closings.add(() => clearInterval(watch));
  const untilRestored = () => once(events, 'restored', { signal: AbortSignal.timeout(recoveryLimitMs) });

  const episodes: Episode[] = [];
  const scene = { proxy, adminUrl, dataDir: postgres.dataDir, untilRestored };
  const end = performance.now() + minutes * 60_000;
  await sleep(calmMs);
  let waiting: Disturbance[] = [];
  while (performance.now() < end) {
    if (waiting.length === 0) waiting = shuffle(createDisturbances(scene));
    episodes.push(await disturb(waiting.pop()!, clients));
  }
  await clients.stop();
  clearInterval(watch);
  const pool = await readPoolState(server.url);
  const problems = [...clients.wrongReads, ...ledger.audit(await readRows(adminUrl))];

  const unknown = ledger.entries.filter(({ possible }) => possible.length > 1).length;
  process.stdout.write(`${toText([
    ['after', 'first success, ms', 'every client, ms', 'failed until then', 'failed later'],
    ...episodes.map(({ name, first, every, failures, late }) => [name, toMs(first), toMs(every), failures, late]),
  ])}

${clients.successes} calls succeeded; ${ledger.entries.length} tasks, and for ${unknown} of them the client was not told whether the last write was done.
Memory: ${Math.round(memory.at(-1)!.y / 1024)} MiB at the end, ${Math.round(slope(memory.slice(memory.length / 2)))} KiB a minute over the second half.
Pool at the end: ${pool}.
${problems.length === 0 ? 'The ledger is right: nothing lost, nothing twice, nothing half, nothing else.' : `The ledger is WRONG:\n${problems.slice(0, 50).join('\n')}`}
`);
  return problems.length === 0 && !episodes.some(({ every }) => Number.isNaN(every));
}

async function disturb(disturbance: Disturbance, clients: Clients): Promise<Episode> {
  tell(disturbance.name);
  clients.forget();
  await disturbance.run();
  const over = performance.now();
  let first = Number.NaN;
  let every = Number.NaN;
  while (Number.isNaN(every) && performance.now() - over < recoveryLimitMs) {
    await sleep(2);
    const answered = clients.successAt.filter((at) => at > over);
    if (Number.isNaN(first) && answered.length > 0) first = Math.min(...answered) - over;
    if (answered.length === clients.successAt.length) every = performance.now() - over;
  }
  const failures = toList(clients.failures);
  clients.forget();
  await sleep(calmMs);
  return { name: disturbance.name, first, every, failures, late: toList(clients.failures) };
}

async function readRows(adminUrl: string): Promise<Row[]> {
  const client = new Client({ connectionString: adminUrl });
  await client.connect();
  const { rows } = await client.query<Row>(
    'select user_id as user, id, title, description, completed, version from tasks',
  );
  await client.end();
  return rows;
}

function shuffle<Item>(items: readonly Item[]): Item[] {
  return items
    .map((item) => ({ item, order: Math.random() }))
    .sort((one, other) => one.order - other.order)
    .map(({ item }) => item);
}

function toMs(ms: number): string {
  return Number.isNaN(ms) ? 'never' : String(Math.round(ms));
}

function toList(counts: ReadonlyMap<string, number>): string {
  return [...counts].map(([code, count]) => `${count} ${code}`).join(', ') || '–';
}
