import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cleanup } from './cleanup.ts';
import type { Contestant } from './contestants/contestant.ts';
import { type RunningContestant, startContestant } from './contestants/running.ts';
import { type BenchDatabase, type BenchServer, openBenchServer } from './data.ts';
import { type Issuer, openIssuer } from './issuer.ts';
import { type Load, openLoad } from './load/index.ts';
import type { Job, JobResult } from './load/job.ts';

/** The shared parts of all sections: database server, tokens and load process. */
export interface Rig {
  /** Temporary folder for all files of a run. */
  folder: string;
  server: BenchServer;
  /** Tokens in order of user number. */
  tokens: string[];
  /** Starts a contestant on a database. `mapUrl` changes the database URL, for example to a proxy's. */
  start(contestant: Contestant, database: BenchDatabase, mapUrl?: (url: string) => string): Promise<RunningContestant>;
  /** Sends load to a running contestant. */
  run(running: RunningContestant, job: Pick<Job, 'connections' | 'perSecond' | 'calls' | 'until'>): Promise<JobResult>;
}

/** Starts the shared parts. `cleanup` stops them and removes the temporary folder. */
export async function openRig(
  { users, server: url }: { users: number; server: string | undefined },
  cleanup: Cleanup,
): Promise<Rig> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-bench-'));
  cleanup.add(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  const issuer: Issuer = await openIssuer();
  cleanup.add(() => issuer.close());
  const tokens = await issuer.mint(users);
  const tokensFile = join(folder, 'tokens.json');
  await writeFile(tokensFile, JSON.stringify(tokens), { mode: 0o600 });
  const pendingServer = openBenchServer(join(folder, 'data'), url);
  // An interruption can come before the server is ready.
  cleanup.add(async () => (await pendingServer).stop());
  const server = await pendingServer;
  const load: Load = openLoad(tokensFile);
  cleanup.add(() => load.close());

  return {
    folder,
    server,
    tokens,
    async start(contestant, database, mapUrl = (url) => url) {
      const databaseUrl = mapUrl(database[contestant.login]);
      return startContestant(contestant, { folder, databaseUrl, issuerEnv: issuer.env, cleanup });
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
