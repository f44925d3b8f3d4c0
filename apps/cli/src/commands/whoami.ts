import type { Context } from '../context.ts';
import { connect } from '../server/connect.ts';
import { toPlain } from '../terminal/plain.ts';

export async function whoami(context: Context): Promise<void> {
  const { server, holdfast } = await connect(context);
  const user = await holdfast.user.me({ signal: context.signal });
  if (context.output.isJson) return context.output.json({ server, ...user });
  const { id, email, name } = user;
  context.output.line(`${toPlain(email ?? id)}${name === null ? '' : ` (${toPlain(name)})`} at ${server}`);
}
