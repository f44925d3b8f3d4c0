import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BenchDatabase } from '../data.ts';
import { readEnvironment } from '../environment.ts';
import { readPeakBytes } from '../process-times.ts';
import { reportProgress } from '../progress.ts';
import type { Backup } from '../results.ts';
import type { Rig } from '../rig.ts';

const size = { users: 1_000, tasks: 1_000 };
const cli = fileURLToPath(new URL('../../../db/src/cli/main.ts', import.meta.url));
const sampleMs = 10;

/** Backup, verification and restore of a large database with `pnpm db`, and with pg_dump and pg_restore. */
export async function measureBackup(rig: Rig): Promise<Backup> {
  const tasks = size.users * size.tasks;
  reportProgress(`Backup and restore of ${tasks.toLocaleString('en')} tasks`);
  const database = await rig.server.openDatabase('bench_backup', size);
  const { rows } = await database.admin.query<{ bytes: string }>(
    `select sum(octet_length(tasks::text)) as bytes from tasks`,
  );
  const steps: Backup['steps'] = [];
  const add = async (title: string, step: Step, written?: string) => {
    await database.checkpoint();
    const measured = await run(step);
    steps.push({ title, ...measured, sizeMB: written === undefined ? null : (await stat(written)).size / 1e6 });
  };
  const file = join(rig.folder, 'backup.tar');
  await add('pnpm db backup', toHoldfastStep(database.ownerUrl, 'backup', file), file);
  await add('pnpm db verify, on the same server', toHoldfastStep('', 'verify', file, '--server', database.ownerUrl));
  await add('pnpm db verify, on an embedded server', toHoldfastStep('', 'verify', file));
  await add('pnpm db restore', toHoldfastStep(await createEmpty(database, 'ownerUrl'), 'restore', file));
  await rm(file);

  if (hasCompatiblePgDump(rig.server.version)) {
    const dump = join(rig.folder, 'backup.dump');
    await add('pg_dump, custom format', { command: ['pg_dump', '-Fc', '-f', dump, database.adminUrl] }, dump);
    const target = await createEmpty(database, 'adminUrl');
    await add('pg_restore', { command: ['pg_restore', '--exit-on-error', '-d', target, dump] });
    await rm(dump);
  }
  return {
    environment: readEnvironment(rig.server.version),
    tasks,
    textMB: Number(rows[0]!.bytes) / 1e6,
    steps,
  };
}

/** A `pnpm db` command without pnpm, so that the start of pnpm is not measured. */
function toHoldfastStep(url: string, ...args: string[]): Step {
  return { command: [process.execPath, cli, ...args], env: { DATABASE_URL_UNPOOLED: url } };
}

async function createEmpty({ admin, ...urls }: BenchDatabase, login: 'ownerUrl' | 'adminUrl'): Promise<string> {
  const name = `bench_restored_${login.toLowerCase()}`;
  await admin.query(`create database ${name} owner ${new URL(urls.ownerUrl).username}`);
  return Object.assign(new URL(urls[login]), { pathname: `/${name}` }).href;
}

/** pg_dump refuses a server that is newer than pg_dump. */
function hasCompatiblePgDump(server: string): boolean {
  try {
    const version = /\d+/.exec(execFileSync('pg_dump', ['--version'], { encoding: 'utf8' }))?.[0];
    return Number(version) >= Number.parseInt(server, 10);
  } catch {
    return false;
  }
}

interface Step {
  command: string[];
  env?: Record<string, string>;
}

async function run({ command: [program, ...args], env }: Step): Promise<{ seconds: number; residentMiB: number }> {
  const startedAt = performance.now();
  const child = spawn(program!, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (chunk) => (errors += chunk));
  let peak = 0;
  const sampling = setInterval(() => (peak = Math.max(peak, readPeakBytes(child.pid!))), sampleMs);
  const [exitCode] = (await once(child, 'close')) as [number | null];
  clearInterval(sampling);
  if (exitCode !== 0) throw new Error(`${program} ${args.join(' ')} failed:\n${errors.slice(-2000)}`);
  return { seconds: (performance.now() - startedAt) / 1000, residentMiB: peak / 2 ** 20 };
}
