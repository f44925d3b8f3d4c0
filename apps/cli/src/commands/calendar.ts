import type { Context } from '../context.ts';
import { connect } from '../server/connect.ts';

/** Shows whether there is a URL of the calendar. The server cannot show the URL again. */
export async function showCalendar(context: Context): Promise<void> {
  const { output, signal } = context;
  const { holdfast } = await connect(context);
  const feed = await holdfast.calendar.get({ signal });
  if (output.isJson) return output.json(feed);
  const fix = 'Create one with `tasks calendar create`.';
  output.line(
    feed.createdAt === null ? `There is no calendar URL. ${fix}` : `There is a calendar URL since ${feed.createdAt}.`,
  );
}

/** Creates the URL of the calendar, and prints it once. */
export async function createCalendar(context: Context): Promise<void> {
  const { output, signal } = context;
  const { holdfast, server } = await connect(context);
  const { path, createdAt } = await holdfast.calendar.create({ signal });
  // A server can be below a path.
  const url = server.replace(/\/$/, '') + path;
  if (output.isJson) return output.json({ url, createdAt });
  output.line(url);
  output.note('Everyone who knows this URL can read your due tasks. A former URL has ended.');
}

export async function revokeCalendar(context: Context): Promise<void> {
  const { output, signal } = context;
  const { holdfast, server } = await connect(context);
  await holdfast.calendar.revoke({ signal });
  if (output.isJson) return output.json({ server });
  output.line('Revoked the calendar URL.');
}
