import { createClient, type Holdfast } from '@holdfast/client';
import type { Context } from '../context.ts';
import { CliError } from '../errors.ts';
import { createProfile, type Profile } from '../planning/profile.ts';
import type { UndoOwner } from '../planning/undo.ts';
import { createReportingFetch } from './reporting-fetch.ts';
import { parseServer } from './server-url.ts';

/** A client for a server, with a login or token. */
export interface Connection {
  server: string;
  holdfast: Holdfast;
  profile: Profile;
  /** The account for which `undo` stores the last command. */
  owner: UndoOwner;
}

/** The server of `--server`, else of HOLDFAST_URL, else of the latest login. */
export async function findServer({ givenServer, env, logins }: Context): Promise<string | undefined> {
  if (givenServer !== undefined) return parseServer(givenServer, '--server');
  if (env['HOLDFAST_URL']) return parseServer(env['HOLDFAST_URL'], 'HOLDFAST_URL');
  return logins.findCurrent();
}

/**
 * The server that the command calls. Stores it in the context, so that error messages can name it.
 *
 * @throws CliError NO_SERVER
 */
export async function getServer(context: Context): Promise<string> {
  const server = await findServer(context);
  if (server !== undefined) return (context.server = server);
  throw new CliError('NO_SERVER', 'No server is configured. Run `tasks login --server <url>`.');
}

/**
 * Connects with HOLDFAST_TOKEN, or else with the stored login.
 *
 * @throws CliError NO_SERVER, NOT_LOGGED_IN
 */
export async function connect(context: Context): Promise<Connection> {
  const server = await getServer(context);
  const token = context.env['HOLDFAST_TOKEN'];
  if (token) {
    if (!/^[\x21-\x7e]+$/.test(token)) {
      const message = 'HOLDFAST_TOKEN is not a token. Remove spaces, line breaks and special characters.';
      throw new CliError('USAGE', message);
    }
    const refusal = `${server} refused HOLDFAST_TOKEN. Set another token, or log in.`;
    return createConnection(context, { owner: { server, account: token }, token, refusal });
  }
  const login = await context.logins.find(server);
  if (login === undefined) {
    const message = `Not logged in at ${server}. Run \`tasks login --server ${server}\`.`;
    throw new CliError('NOT_LOGGED_IN', message, { more: { server } });
  }
  const message = `Your session at ${server} has ended. Run \`tasks login --server ${server}\`.`;
  return createConnection(context, { owner: { server, account: login.email }, token: login.session, refusal: message });
}

/** Sends the session itself as token. A process makes few calls, so a token request would only cost a round trip. */
function createConnection(
  context: Context,
  { owner, token, refusal }: { owner: UndoOwner; token: string; refusal: string },
): Connection {
  const { server } = owner;
  const getToken = ({ refused }: { refused: string | null }) => {
    if (refused === null) return token;
    throw new CliError('SESSION_ENDED', refusal, { more: { server } });
  };
  const holdfast = createClient({ url: server, getToken, ...toCallSettings(context, server) });
  return { server, holdfast, profile: createProfile(holdfast, { signal: context.signal }), owner };
}

/** Settings of every client of this program. A person waits for the result, so retries end soon. */
export function toCallSettings({ output }: Context, server: string) {
  return { deadlineMs: 10_000, fetch: createReportingFetch(server, output) };
}
