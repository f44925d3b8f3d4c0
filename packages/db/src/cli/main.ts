#!/usr/bin/env node
import process from 'node:process';
import type { EmbeddedPostgres } from '@holdfast/embedded-postgres';
import { Command } from 'commander';
import { describeFailure } from '../connection/describe-failure.ts';
import { dbCommand } from '../installed.ts';
import {
  findDrift,
  findStaleDefinitions,
  recordDefinitions,
  writeDefinitions,
  writeSnapshot,
} from '../schema/drift.ts';
import { migrate } from '../schema/migrate.ts';
import { loadEmbeddedPostgres } from '../scratch/embedded.ts';
import { explain, listStatements } from '../status/explain.ts';
import type { ServerLoginOptions } from '../status/server-login.ts';
import { addBackupCommands } from './backup.ts';
import { addDistributeCommand } from './distribute.ts';
import { toPrintable } from './format.ts';
import { describeStatus, statusHelp } from './status.ts';
import { addUsersCommands } from './users.ts';

const program = new Command(dbCommand)
  .description('Manages the database in DATABASE_URL_UNPOOLED, else DATABASE_URL, else the embedded server in .data')
  .option('--verbose', 'with an error, show all that PostgreSQL reported, and the stack')
  .showHelpAfterError();

program
  .command('migrate')
  .description('migrate the database to the newest schema; safe to run several times at once')
  .action(() =>
    withDatabase(async (url) => {
      const applied = await migrate({ url, onStep: (step) => console.log(`- ${step}`) });
      console.log(applied.length > 0 ? `Applied ${applied.join(', ')}.` : 'The schema is up to date.');
    }),
  );

program
  .command('status')
  .description('show the health of the database; the exit code is 1 if something needs a person')
  .option('--json', 'print one JSON document')
  .option('--as <role>', 'check the rights of this login for a server; default: the user in DATABASE_URL')
  .addHelpText('after', statusHelp)
  .action(async ({ json = false, as }: { json?: boolean; as?: string }) => {
    const usesSignIn = !process.env['AUTH_ISSUER'];
    const options = { json, usesSignIn, login: as === undefined ? findServerLogin() : { name: as } };
    const { text, isHealthy } = await describeStatus(withExistingDatabase, options);
    console.log(text);
    if (!isHealthy) process.exitCode = 1;
  });

program
  .command('check')
  .description('find schema drift between entities, snapshot, a newly migrated database, and DATABASE_URL if it is set')
  .option('--write-snapshot', 'first write the snapshot of the entities and the definitions of the migrations')
  .action(async (options: { writeSnapshot?: true }) => {
    if (options.writeSnapshot) await writeSnapshot();
    const drift: string[] = [];
    const { openScratchServer } = await loadEmbeddedPostgres();
    await withServer(await openScratchServer(), async (scratch) => {
      const definitions = await recordDefinitions(scratch);
      if (options.writeSnapshot) await writeDefinitions(definitions);
      drift.push(...findStaleDefinitions(definitions), ...(await findDrift({ url: scratch })));
    });
    const url = configuredUrl();
    if (url !== undefined) drift.push(...(await findDrift({ url })).map((problem) => `DATABASE_URL: ${problem}`));
    for (const problem of drift) console.error(problem);
    console.log(drift.length > 0 ? 'The schema has drifted.' : 'No drift: entities, snapshot and database match.');
    if (drift.length > 0) process.exitCode = 1;
  });

program
  .command('explain')
  .description('show the query plan of a statement, by its name in the log')
  .argument('[name]', 'the statement; omit it to list all names')
  .action(async (name?: string) => {
    if (name === undefined)
      return console.log(
        listStatements()
          .map((statement) => statement.name)
          .join('\n'),
      );
    return withExistingDatabase(async (url) => console.log((await explain(url, name)).join('\n')));
  });

addDistributeCommand(program, withExistingDatabase);
addBackupCommands(program, { withDatabase, withExistingDatabase });
addUsersCommands(program, withExistingDatabase);

try {
  await program.parseAsync();
} catch (error) {
  const text = describeFailure(error, { isVerbose: program.opts<{ verbose?: true }>().verbose === true });
  console.error(text.split('\n').map(toPrintable).join('\n'));
  process.exitCode = 1;
}

/** Servers connect as the user in DATABASE_URL. The status is about another URL only if DATABASE_URL_UNPOOLED is set. */
function findServerLogin(): ServerLoginOptions['login'] {
  const { DATABASE_URL: serverUrl, DATABASE_URL_UNPOOLED: ownerUrl } = process.env;
  if (!ownerUrl) return undefined;
  if (!serverUrl) return 'unknown';
  const name = decodeURIComponent(URL.parse(serverUrl)?.username ?? '');
  return name === '' ? undefined : { name, mayBeAbsent: true };
}

function configuredUrl(): string | undefined {
  return process.env['DATABASE_URL_UNPOOLED'] || process.env['DATABASE_URL'] || undefined;
}

async function withDatabase(work: (url: string) => Promise<void>): Promise<void> {
  const url = configuredUrl();
  if (url !== undefined) return work(url);
  const { defaultDataDir, openEmbeddedPostgres } = await loadEmbeddedPostgres();
  return withServer(await openEmbeddedPostgres({ dataDir: process.env['HOLDFAST_DATA_DIR'] || defaultDataDir }), work);
}

/** For commands that must not create an embedded database. */
async function withExistingDatabase(work: (url: string) => Promise<void>): Promise<void> {
  if (configuredUrl() !== undefined) return withDatabase(work);
  const { defaultDataDir, hasEmbeddedPostgres } = await loadEmbeddedPostgres();
  const dataDir = process.env['HOLDFAST_DATA_DIR'] || defaultDataDir;
  if (!(await hasEmbeddedPostgres(dataDir))) {
    throw new Error(
      `There is no database in ${dataDir}, and DATABASE_URL is not set. Run ${dbCommand} migrate to create one.`,
    );
  }
  return withDatabase(work);
}

async function withServer(server: EmbeddedPostgres, work: (url: string) => Promise<void>): Promise<void> {
  try {
    await work(server.url);
  } finally {
    await server.stop();
  }
}
