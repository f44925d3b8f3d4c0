import { createClient, isHoldfastError } from '@holdfast/client';
import type { Context } from '../context.ts';
import { CliError } from '../errors.ts';
import { getServer, toCallSettings } from '../server/connect.ts';

/** Removes the stored login first, because that needs no server. */
export async function logout(context: Context): Promise<void> {
  const { logins, output, signal } = context;
  const server = await getServer(context);
  const login = await logins.find(server);
  if (login === undefined) throw new CliError('NOT_LOGGED_IN', `Not logged in at ${server}.`);
  await logins.remove(server);
  const client = createClient({
    ...toCallSettings(context, server),
    url: server,
    storage: { load: () => login.session, save: () => {} },
  });
  try {
    await client.signOut({ signal });
  } catch (error) {
    // UNAUTHORIZED means that the session has already ended.
    if (!isHoldfastError(error, 'UNAUTHORIZED')) {
      output.note('Your login was removed here, but not on the server. The session will expire.');
      throw error;
    }
  }
  if (output.isJson) return output.json({ server });
  output.line(`Logged out at ${server}.`);
}
