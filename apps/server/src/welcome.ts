import { formatHost } from '@holdfast/db';
import type { Logger } from 'pino';
import type { Settings } from './env.ts';

export interface WelcomeOptions {
  settings: Settings;
  logger: Logger;
  /** Why browsers get no app. Null if they get it. */
  webAppProblem: string | null;
}

/** Prints the server's URL and example commands. In production, logs one line instead, at every log level. */
export function welcome(url: string, { settings, logger, webAppProblem }: WelcomeOptions): void {
  const data =
    settings.databaseUrl === undefined ? settings.dataDir : `PostgreSQL at ${formatHost(settings.databaseUrl)}`;
  if (settings.isProduction)
    return logger.child({}, { level: 'info' }).info({ url, data }, `Holdfast serves on ${url}`);
  process.stdout.write(`
  Holdfast serves on ${url}
${settings.webApp ? `  ${webAppProblem ?? 'Open this address in a browser for the app.'}\n` : ''}  Data is in ${data}
${settings.externalIssuer ? toExternalSteps(url, settings.externalIssuer.issuer) : toFirstSteps(url)}
  Press Ctrl+C to stop.

`);
}

function toFirstSteps(url: string): string {
  return `
  Try the API (the second time, replace sign-up with sign-in):

    curl ${url}

    TOKEN=$(curl -s ${url}/api/auth/sign-up/email -H 'content-type: application/json' \\
      -d '{"name":"Ada","email":"ada@example.com","password":"correct horse"}' | sed 's/.*"token":"\\([^"]*\\)".*/\\1/')

    curl ${url}/trpc/task.create -H "authorization: Bearer $TOKEN" \\
      -H 'content-type: application/json' -d '{"title":"Learn Holdfast"}'

    curl ${url}/trpc/task.list -H "authorization: Bearer $TOKEN"
`;
}

function toExternalSteps(url: string, issuer: string): string {
  return `
  Try it with a token of ${issuer}:

    curl ${url}/trpc/user.me -H "authorization: Bearer $TOKEN"
`;
}
