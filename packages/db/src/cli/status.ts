import { describeFailure } from '../connection/describe-failure.ts';
import { readStatus } from '../status/status.ts';
import { toReport, toVerdict } from './status-report.ts';

export const statusHelp = `
Shows the server, the size of the database, its migrations, whether the walls between users stand, connections, the
transactions open for the longest time, tables, indexes that are invalid or unused, and the statements that take the most
time (with the extension pg_stat_statements). It changes nothing and shows no user's texts. What the user of the database
URL may not see is named in its place.

Ends with 0 when the database is healthy, and with 1 when something needs a person: the database cannot be reached,
migrations are missing, a wall between users is missing, an index is invalid. With --json, "problems" lists these.

  pnpm db status
  pnpm --silent db status --json`;

export interface StatusOptions {
  /** One JSON document in place of the report for people. */
  json?: boolean;
  /** Of the terminal, in characters. */
  width: number;
}

/** Looks at the database that `withDatabase` opens, and gives what to print; one that cannot be opened is not healthy. */
export async function describeStatus(
  withDatabase: (work: (url: string) => Promise<void>) => Promise<void>,
  { json = false, width }: StatusOptions,
): Promise<{ text: string; isHealthy: boolean }> {
  let text = '';
  let isHealthy = false;
  try {
    await withDatabase(async (url) => {
      const status = await readStatus(url);
      text = json ? toJson(status) : toReport(status, width);
      isHealthy = status.problems.length === 0;
    });
  } catch (error) {
    const problems = [describeFailure(error)];
    return { text: json ? toJson({ problems }) : toVerdict(problems), isHealthy: false };
  }
  return { text, isHealthy };
}

function toJson(value: object): string {
  return JSON.stringify(value, null, 2);
}
