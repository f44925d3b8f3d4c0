import type { Context } from '../context.ts';
import { saveUndo } from '../planning/save-undo.ts';
import { connect } from '../server/connect.ts';
import { toPlain } from '../terminal/plain.ts';
import { assertArguments } from '../terminal/utf8.ts';

export interface ProfileOptions {
  name?: string;
  timeZone?: string;
}

/** Changes the given fields of the user, and shows all. */
export async function profile(context: Context, { name, timeZone }: ProfileOptions): Promise<void> {
  assertArguments([name, timeZone].filter((text) => text !== undefined));
  const { output, signal } = context;
  const { server, holdfast, owner } = await connect(context);
  const changes = {
    ...(name !== undefined && { name }),
    ...(timeZone !== undefined && { timeZone: timeZone === 'none' ? null : timeZone }),
  };
  const isChange = Object.keys(changes).length > 0;
  const user = await (isChange ? holdfast.user.update(changes, { signal }) : holdfast.user.me({ signal }));
  await saveUndo(context, owner, { command: 'profile', change: isChange ? { kind: 'final' } : undefined });
  if (output.isJson) return output.json({ server, ...user });
  output.line(`name\t${toPlain(user.name ?? '')}`);
  output.line(`time zone\t${toPlain(user.timeZone ?? '')}`);
}
