import { connect } from '../connect.ts';
import type { Context } from '../context.ts';
import { toPlain } from '../plain.ts';

export async function whoami(context: Context): Promise<void> {
  const { server, email, holdfast } = await connect(context);
  const user = await holdfast.user.me({ signal: context.signal });
  if (context.output.isJson) return context.output.json({ server, ...user });
  context.output.line(`${toPlain(user.email ?? email)} (${toPlain(user.name ?? user.id)}) at ${server}`);
}
