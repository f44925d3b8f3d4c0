#!/usr/bin/env node
import process from 'node:process';
import { Command } from 'commander';
import { addBackupVerbs } from './backup/cli.ts';
import { findDrift, writeSnapshot } from './drift.ts';
import { describeDatabaseFailure } from './driver-error.ts';
import { defaultDataDir, type EmbeddedPostgres, openEmbeddedPostgres } from './embedded.ts';
import { migrate } from './migrate.ts';
import { openScratchServer } from './scratch-server.ts';
import { readStatus } from './status.ts';

const program = new Command('pnpm db')
  .description('Works on the database: DATABASE_URL_UNPOOLED, else DATABASE_URL, else the embedded one in .data')
  .showHelpAfterError();

program
  .command('migrate')
  .description('bring the database to the newest schema; any number may do this at once')
  .action(() =>
    withDatabase(async (url) => {
      const applied = await migrate({ url });
      console.log(applied.length > 0 ? `Applied ${applied.join(', ')}.` : 'Nothing to do: the schema is the newest.');
    }),
  );

program
  .command('status')
  .description('show the server and which migrations it has')
  .action(() =>
    withDatabase(async (url) => {
      const status = await readStatus(url);
      for (const [label, value] of Object.entries(status)) console.log(`${label.padEnd(12)}${value}`);
    }),
  );

program
  .command('check')
  .description('find drift between entities, snapshot, a freshly migrated database, and DATABASE_URL where it is set')
  .option('--write-snapshot', 'first write the schema of the entities beside the migrations')
  .action(async (options: { writeSnapshot?: true }) => {
    if (options.writeSnapshot) await writeSnapshot();
    const drift: string[] = [];
    await withServer(await openScratchServer(), async (scratch) => {
      await migrate({ url: scratch });
      drift.push(...(await findDrift({ url: scratch })));
    });
    const url = configuredUrl();
    if (url !== undefined) drift.push(...(await findDrift({ url })).map((problem) => `DATABASE_URL: ${problem}`));
    for (const problem of drift) console.error(problem);
    console.log(drift.length > 0 ? 'The schema drifts.' : 'No drift: entities, snapshot and database agree.');
    if (drift.length > 0) process.exitCode = 1;
  });

addBackupVerbs(program, withDatabase);

try {
  await program.parseAsync();
} catch (error) {
  console.error(describeDatabaseFailure(error) ?? (error instanceof Error ? error.message : error));
  process.exitCode = 1;
}

function configuredUrl(): string | undefined {
  return process.env['DATABASE_URL_UNPOOLED'] || process.env['DATABASE_URL'] || undefined;
}

async function withDatabase(work: (url: string) => Promise<void>): Promise<void> {
  const url = configuredUrl();
  if (url !== undefined) return work(url);
  return withServer(await openEmbeddedPostgres({ dataDir: process.env['HOLDFAST_DATA_DIR'] || defaultDataDir }), work);
}

async function withServer(server: EmbeddedPostgres, work: (url: string) => Promise<void>): Promise<void> {
  try {
    await work(server.url);
  } finally {
    await server.stop();
  }
}
