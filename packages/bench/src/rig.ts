import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Closings } from './closings.ts';
import type { Contestant } from './contestants/contestant.ts';
import { type RunningContestant, startContestant } from './contestants/running.ts';
import { type BenchDatabase, type BenchServer, openBenchServer } from './data.ts';
import { type Issuer, openIssuer } from './issuer.ts';
import { type Load, openLoad } from './load/index.ts';
import type { Job, JobResult } from './load/job.ts';

/** What every section works with. */
export interface Rig {
  /** Temporary, for whatever the sections write. */
  folder: string;
  server: BenchServer;
  /** Users' tokens, by number. */
  tokens: string[];
  /** Starts a contestant on a database; `through` changes the URL that it is given. */
  start(contestant: Contestant, database: BenchDatabase, through?: (url: string) => string): Promise<RunningContestant>;
  /** Loads a running contestant. */
  run(running: RunningContestant, job: Pick<Job, 'connections' | 'calls' | 'until'>): Promise<JobResult>;
}

/** Everything is in one temporary folder; `closings` undoes all of it. */
export async function openRig(
  { users, server: url }: { users: number; server: string | undefined },
  closings: Closings,
): Promise<Rig> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-bench-'));
  closings.add(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  const issuer: Issuer = await openIssuer();
  closings.add(() => issuer.close());
  const tokens = await issuer.mint(users);
  const tokensFile = join(folder, 'tokens.json');
  await writeFile(tokensFile, JSON.stringify(tokens), { mode: 0o600 });
  const opening = openBenchServer(join(folder, 'data'), url);
  // An interruption may come before it is open.
  closings.add(async () => (await opening).stop());
  const server = await opening;
  const load: Load = openLoad(tokensFile);
  closings.add(() => load.close());

  return {
    folder,
    server,
    tokens,
    async start(contestant, database, through = (url) => url) {
      const databaseUrl = through(database[contestant.login]);
      return startContestant(contestant, { folder, databaseUrl, issuerEnv: issuer.env, closings });
    },
    async run(running, job) {
      const { contestant, url, pid } = running;
      try {
        return await load.run({
          ...job,
          dialect: contestant.dialect,
          url,
          server: pid,
          postmaster: server.postmaster,
        });
      } catch (error) {
        throw new Error(`${(error as Error).message}\n${await running.readErrors()}`.trimEnd(), { cause: error });
      }
    },
  };
}
