import { createClient, type Holdfast } from '@holdfast/client';
import type { Context } from './context.ts';
import { CliError } from './errors.ts';
import { parseServer } from './server-url.ts';

/** Somebody who is logged in at a server. */
export interface Connection {
  server: string;
  holdfast: Holdfast;
}

/** The server that is meant: the flag's, the environment's, or that of the latest login. */
export async function findServer({ givenServer, env, credentials }: Context): Promise<string | undefined> {
  if (givenServer !== undefined) return parseServer(givenServer, '--server');
  if (env['HOLDFAST_URL']) return parseServer(env['HOLDFAST_URL'], 'HOLDFAST_URL');
  return credentials.findCurrent();
}

/** @throws CliError NO_SERVER. */
export async function getServer(context: Context): Promise<string> {
  const server = await findServer(context);
  if (server !== undefined) return (context.server = server);
  throw new CliError('NO_SERVER', 'No server is known yet: log in with `tasks login --server <url>`.');
}

/**
 * The calls that whoever is logged in can make.
 *
 * @throws CliError NO_SERVER, NOT_LOGGED_IN.
 */
export async function connect(context: Context): Promise<Connection> {
  const server = await getServer(context);
  const token = context.env['HOLDFAST_TOKEN'];
  if (token)
    return bear(server, token, `The server at ${server} does not take HOLDFAST_TOKEN: set another, or log in.`);
  const login = await context.credentials.find(server);
  if (login === undefined) {
    const message = `You are not logged in at ${server}: run \`tasks login --server ${server}\`.`;
    throw new CliError('NOT_LOGGED_IN', message, { more: { server } });
  }
  const ended = `Your session at ${server} has ended: log in again with \`tasks login --server ${server}\`.`;
  return bear(server, login.session, ended);
}

/** One process makes few calls: bearing the session itself saves it the round trip for a token. */
function bear(server: string, token: string, refusal: string): Connection {
  const getToken = ({ refused }: { refused: string | null }) => {
    if (refused === null) return token;
    throw new CliError('SESSION_ENDED', refusal, { more: { server } });
  };
  return { server, holdfast: createClient({ url: server, getToken }) };
}
