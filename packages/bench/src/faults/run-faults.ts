import { EventEmitter, once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openFaultProxy } from '@holdfast/db/testing';
import { openEmbeddedPostgres } from '@holdfast/embedded-postgres';
import { Client } from 'pg';
import type { Cleanup } from '../cleanup.ts';
import { holdfast } from '../contestants/index.ts';
import { startContestant } from '../contestants/running.ts';
import { openIssuer } from '../issuer.ts';
import { readResidentBytes } from '../process-times.ts';
import { reportProgress } from '../progress.ts';
import { toText } from '../report/table.ts';
import { slope } from '../statistics.ts';
import { type Clients, startClients } from './clients.ts';
import { createFaults, type Fault } from './faults.ts';
import { createLedger, type Row } from './ledger.ts';
import { readPoolState } from './metrics.ts';

const clientCount = 24;
const recoveryLimitMs = 60_000;
const quietMs = 2_000;

/** The effect of one fault. Times are in milliseconds after its end; NaN if it did not happen. */
interface FaultEffect {
  name: string;
  /** Time to the first successful call of any client, and of every client. */
  first: number;
  every: number;
  /** Failed calls by code until every client succeeded. */
  failures: string;
  /** Failed calls by code in the quiet period after that. */
  late: string;
}

/**
 * Runs the server with repeated failures of PostgreSQL and the network. Then compares the database with the acknowledged
 * writes.
 *
 * @returns true if they match and the server served every client again after each fault.
 */
export async function runFaults(minutes: number, cleanup: Cleanup): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-faults-'));
  cleanup.add(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  const issuer = await openIssuer();
  cleanup.add(() => issuer.close());
  const events = new EventEmitter();
  const pendingServer = openEmbeddedPostgres({
    dataDir: join(folder, 'data'),
    onEvent: ({ kind, message }) => {
      if (kind === 'restored') events.emit(kind);
      if (kind === 'restore-failed') reportProgress(message);
    },
  });
  cleanup.add(async () => (await pendingServer).stop());
  const postgres = await pendingServer;
  const adminUrl = Object.assign(new URL(postgres.adminUrl), { pathname: '/holdfast' }).href;
  const proxy = await openFaultProxy(postgres.url);
  cleanup.add(() => proxy.close());
  const server = await startContestant(holdfast, { folder, databaseUrl: proxy.url, issuerEnv: issuer.env, cleanup });

  const ledger = createLedger();
  const clients = startClients(server.url, await issuer.mint(clientCount), ledger);
  const memory: { x: number; y: number }[] = [];
  const sampling = setInterval(
    () => memory.push({ x: performance.now() / 60_000, y: readResidentBytes(server.pid) / 1024 }),
    500,
  );
  cleanup.add(() => clearInterval(sampling));
  const untilRestored = () => once(events, 'restored', { signal: AbortSignal.timeout(recoveryLimitMs) });

  const effects: FaultEffect[] = [];
  const context = { proxy, adminUrl, dataDir: postgres.dataDir, untilRestored };
  const end = performance.now() + minutes * 60_000;
  await sleep(quietMs);
  let remaining: Fault[] = [];
  while (performance.now() < end) {
    if (remaining.length === 0) remaining = shuffle(createFaults(context));
    effects.push(await injectFault(remaining.pop()!, clients));
  }
  await clients.stop();
  clearInterval(sampling);
  const pool = await readPoolState(server.url);
  const problems = [...clients.wrongReads, ...ledger.audit(await readRows(adminUrl))];

  const unknown = ledger.entries.filter(({ possible }) => possible.length > 1).length;
  process.stdout.write(`${toText([
    ['fault', 'first success, ms', 'every client, ms', 'failed before', 'failed after'],
    ...effects.map(({ name, first, every, failures, late }) => [name, toMs(first), toMs(every), failures, late]),
  ])}

${clients.successes} calls succeeded. ${ledger.entries.length} tasks; the outcome of the last write to ${unknown} of them is unknown to the client.
Memory: ${Math.round(memory.at(-1)!.y / 1024)} MiB at the end, ${Math.round(slope(memory.slice(memory.length / 2)))} KiB per minute in the second half.
Pool at the end: ${pool}.
${problems.length === 0 ? 'The database matches the acknowledged writes: no lost, repeated, partial or unexpected write.' : `The database DIFFERS from the acknowledged writes:\n${problems.slice(0, 50).join('\n')}`}
`);
  return problems.length === 0 && !effects.some(({ every }) => Number.isNaN(every));
}

async function injectFault(fault: Fault, clients: Clients): Promise<FaultEffect> {
  reportProgress(fault.name);
  clients.resetFailures();
  await fault.run();
  const endedAt = performance.now();
  let first = Number.NaN;
  let every = Number.NaN;
  while (Number.isNaN(every) && performance.now() - endedAt < recoveryLimitMs) {
    await sleep(2);
    const served = clients.successAt.filter((at) => at > endedAt);
    if (Number.isNaN(first) && served.length > 0) first = Math.min(...served) - endedAt;
    if (served.length === clients.successAt.length) every = performance.now() - endedAt;
  }
  const failures = toList(clients.failures);
  clients.resetFailures();
  await sleep(quietMs);
  return { name: fault.name, first, every, failures, late: toList(clients.failures) };
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
