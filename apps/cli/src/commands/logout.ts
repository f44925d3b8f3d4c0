import { createClient, isHoldfastError } from '@holdfast/client';
import { getServer } from '../connect.ts';
import type { Context } from '../context.ts';
import { CliError } from '../errors.ts';

/** Forgets the login here first: that much succeeds without the server, too. */
export async function logout(context: Context): Promise<void> {
  const { credentials, output, signal } = context;
  const server = await getServer(context);
  const known = await credentials.find(server);
  if (known === undefined) throw new CliError('NOT_LOGGED_IN', `You are not logged in at ${server}.`);
  await credentials.forget(server);
  const client = createClient({ url: server, storage: { load: () => known.session, save: () => {} } });
  try {
    await client.signOut({ signal });
  } catch (error) {
    // A session that has ended already is what was asked for.
    if (!isHoldfastError(error, 'UNAUTHORIZED')) {
      output.note('The login is forgotten here, but the server could not be told: there the session ends by itself.');
      throw error;
    }
  }
  if (output.isJson) return output.json({ server });
  output.line(`Logged out at ${server}.`);
}
