import { describeFailure } from '../connection/describe-failure.ts';
import { dbCommand, silentDbCommand } from '../installed.ts';
import type { MigrationsStatus } from '../schema/migrate.ts';
import { isUnavailable, type Unavailable } from '../status/read-section.ts';
import type { ServerLogin, ServerLoginOptions } from '../status/server-login.ts';
import { readStatus, type Status } from '../status/status.ts';
import { formatCount, formatSize, toPrintable } from './format.ts';

export const statusHelp = `
Shows the server, the database and its size, its migrations, and whether row-level security isolates the users. It changes
nothing and shows no user content. A part that the database user cannot read is shown as unavailable, with the reason.
Sizes are decimal: 1 MB is 1,000,000 bytes.

It also compares constraints, indexes, policies and triggers with the migrations, and shows whether a backup is possible and
whether the servers' login has its rights. That login is the user in DATABASE_URL, or the one given with --as. If neither is
known, every login that may switch to holdfast_app is checked, and one with all rights is enough.

The exit code is 0 if the database is healthy, and 1 if something needs a person: the database cannot be reached,
migrations are missing, row-level security is incomplete, an index is invalid, the schema was changed, a backup is not
possible, or the servers' login lacks rights. --json lists these in "problems".

  ${dbCommand} status
  ${dbCommand} status --as holdfast_server
  ${silentDbCommand} status --json`;

/** Reads the status of the database that `withDatabase` opens. A database that cannot be opened is not healthy. */
export async function describeStatus(
  withDatabase: (work: (url: string) => Promise<void>) => Promise<void>,
  { json = false, ...login }: ServerLoginOptions & { json?: boolean },
): Promise<{ text: string; isHealthy: boolean }> {
  let text = '';
  let isHealthy = false;
  try {
    await withDatabase(async (url) => {
      const status = await readStatus(url, login);
      text = json ? toJson(status) : formatStatus(status);
      isHealthy = status.problems.length === 0;
    });
  } catch (error) {
    const problems = [describeFailure(error)];
    return { text: json ? toJson({ problems }) : formatProblems(problems), isHealthy: false };
  }
  return { text, isHealthy };
}

function formatStatus(status: Status): string {
  const { server, database, migrations, isolation, schema, backup, logins, problems } = status;
  const facts = {
    server: `${server.product} at ${server.host}`,
    database: formatSection(database, ({ name, bytes, user }) => `${name}, ${formatSize(bytes)}, connected as ${user}`),
    migrations: formatSection(migrations, formatMigrations),
    isolation: formatSection(isolation, ({ missing }) =>
      missing.length === 0 ? 'enforced' : `incomplete:${formatList(missing)}`,
    ),
    schema: formatSection(schema, ({ differences }) =>
      differences.length === 0 ? 'as migrated' : `${formatCount(differences.length, 'difference')}, see below`,
    ),
    ...formatAdditional(schema),
    backup: formatSection(backup, formatBackup),
    ...formatLogins(logins),
  };
  const lines = Object.entries(facts).map(([label, text]) => `${label.padEnd(14)}${text}`);
  return `${lines.join('\n')}\n\n${formatProblems(problems)}`;
}

function formatBackup({ refusal, isDistributed }: { refusal: string | null; isDistributed: boolean }): string {
  if (isDistributed) return 'of each node only, since the tables are distributed';
  return refusal === null ? 'possible' : 'not possible, see below';
}

/** Objects made by hand are shown, but are no problem. */
function formatAdditional(schema: Status['schema']): { 'made by hand'?: string } {
  if (isUnavailable(schema) || schema.additional.length === 0) return {};
  return { 'made by hand': toPrintable(`${schema.additional.join(', ')} (not in backups)`) };
}

function formatLogins(logins: Status['logins']): { logins?: string } {
  const text = formatSection(logins, ({ checked }) => checked.map(formatLogin).join(', '));
  return text === '' ? {} : { logins: toPrintable(text) };
}

function formatLogin({ name, missing }: ServerLogin): string {
  return `${name} ${missing.length === 0 ? 'can serve' : 'lacks rights'}`;
}

function formatProblems(problems: readonly string[]): string {
  return problems.length === 0 ? 'Healthy.' : `This needs a person:${formatList(problems)}`;
}

function formatList(sentences: readonly string[]): string {
  return sentences.map((sentence) => `\n  - ${toPrintable(sentence)}`).join('');
}

function formatSection<Section extends object>(
  section: Section | Unavailable,
  format: (section: Section) => string,
): string {
  return isUnavailable(section) ? `unavailable: ${section.unavailable}` : format(section);
}

function formatMigrations({ pending, unknown }: MigrationsStatus): string {
  const newer = unknown.length > 0 ? `a newer version has also applied ${unknown.join(', ')}` : '';
  const own = pending.length > 0 ? `pending: ${pending.join(', ')}` : 'at head';
  return toPrintable([own, newer].filter(Boolean).join('; '));
}

function toJson(value: object): string {
  return JSON.stringify(value, null, 2);
}
