import type { Context } from '../context.ts';
import { connect } from '../server/connect.ts';
import { openPrompts } from '../terminal/prompts.ts';
import { readPassword } from '../terminal/stdin.ts';

export interface DeleteAccountOptions {
  passwordStdin?: true;
}

/** Deletes the account with everything in it. HOLDFAST_PASSWORD does not count, because it is no confirmation. */
export async function deleteAccount(context: Context, { passwordStdin }: DeleteAccountOptions): Promise<void> {
  const { logins, output, signal } = context;
  const { server, holdfast } = await connect(context);
  const prompts = passwordStdin ? undefined : await openPrompts(context, 'Use --password-stdin.');
  if (prompts) output.note(`This deletes your account at ${server} with all tasks. You cannot undo it.`);
  const password = prompts ? await prompts.password('Password') : await readPassword(signal);
  await holdfast.user.delete({ password }, { signal });
  await logins.remove(server);
  if (output.isJson) return output.json({ server });
  output.line(`Deleted your account at ${server}.`);
}
