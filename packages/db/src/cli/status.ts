import { describeFailure } from '../connection/describe-failure.ts';
import type { MigrationsStatus } from '../schema/migrate.ts';
import { isUnavailable, type Unavailable } from '../status/read-section.ts';
import { readStatus, type Status } from '../status/status.ts';
import { formatSize, toPrintable } from './format.ts';

export const statusHelp = `
Shows the server, the database and its size, its migrations, and whether row-level security isolates the users. It changes
nothing and shows no user content. A part that the database user cannot read is shown as unavailable, with the reason.

The exit code is 0 if the database is healthy, and 1 if something needs a person: the database cannot be reached,
migrations are missing, row-level security is incomplete, or an index is invalid. --json lists these in "problems".

  pnpm db status
  pnpm --silent db status --json`;

/** Reads the status of the database that `withDatabase` opens. A database that cannot be opened is not healthy. */
export async function describeStatus(
  withDatabase: (work: (url: string) => Promise<void>) => Promise<void>,
  { json = false }: { json?: boolean },
): Promise<{ text: string; isHealthy: boolean }> {
  let text = '';
  let isHealthy = false;
  try {
    await withDatabase(async (url) => {
      const status = await readStatus(url);
      text = json ? toJson(status) : formatStatus(status);
      isHealthy = status.problems.length === 0;
    });
  } catch (error) {
    const problems = [describeFailure(error)];
    return { text: json ? toJson({ problems }) : formatProblems(problems), isHealthy: false };
  }
  return { text, isHealthy };
}

function formatStatus({ server, database, migrations, isolation, problems }: Status): string {
  const facts = {
    server: `${server.product} at ${server.host}`,
    database: formatSection(database, ({ name, bytes, user }) => `${name}, ${formatSize(bytes)}, connected as ${user}`),
    migrations: formatSection(migrations, formatMigrations),
    isolation: formatSection(isolation, ({ missing }) =>
      missing.length === 0 ? 'enforced' : `incomplete:${formatList(missing)}`,
    ),
  };
  const lines = Object.entries(facts).map(([label, text]) => `${label.padEnd(14)}${text}`);
  return `${lines.join('\n')}\n\n${formatProblems(problems)}`;
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
