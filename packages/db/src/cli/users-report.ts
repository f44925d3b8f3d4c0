import type { UserDetails } from '../accounts/describe-user.ts';
import type { EndedCounts } from '../accounts/end-access.ts';
import type { ExportCounts } from '../accounts/export-user.ts';
import type { UsersPage } from '../accounts/read-users.ts';
import { dbCommand } from '../installed.ts';
import { formatCount, toPrintable } from './format.ts';

const formatTime = (time: Date | null) => (time === null ? 'never' : time.toISOString().replace(/\.\d+Z$/, 'Z'));

export function formatUsers({ users, next }: UsersPage): string {
  const lines = users.map(
    ({ id, email, createdAt }) => `${id}  ${formatTime(createdAt)}  ${toPrintable(email ?? '(no e-mail address)')}`,
  );
  if (lines.length === 0) lines.push('No user.');
  if (next !== null) lines.push(`There are more. Add --after ${next}.`);
  return lines.join('\n');
}

export function formatUser({ id, email, createdAt, account, tasks, lists, lastChangeAt }: UserDetails): string {
  const facts: [string, string][] = [
    ['ID', id],
    ['e-mail', email === null ? 'unknown' : `${email}${account?.emailVerified === false ? ' (not confirmed)' : ''}`],
    ['created', formatTime(createdAt)],
  ];
  if (account === null) facts.push(['account', 'at another issuer']);
  else {
    const { name, signIn, sessions, tokens } = account;
    facts.push(
      ['name', name],
      ['signs in with', signIn.length === 0 ? 'nothing' : signIn.join(', ')],
      ['sessions', `${sessions.count}, last used ${formatTime(sessions.lastUsedAt)}`],
      ['API tokens', `${tokens.read} to read, ${tokens.write} to write, last used ${formatTime(tokens.lastUsedAt)}`],
    );
  }
  facts.push(
    ['tasks', `${tasks.open} open, ${tasks.completed} completed, ${tasks.inTrash} in the trash`],
    ['lists', `${lists.inUse} in use, ${lists.archived} archived, ${lists.inTrash} in the trash`],
    ['last change', formatTime(lastChangeAt)],
  );
  return facts.map(([label, text]) => `${label.padEnd(15)}${toPrintable(text)}`).join('\n');
}

export function formatLink({ link }: { link: string }): string {
  return `${link}\nThe link sets a new password once, within an hour. Give it only to the owner of the account.`;
}

export function formatEnded({ sessions, tokens }: EndedCounts): string {
  return `Ended ${formatCount(sessions, 'session')} and ${formatCount(tokens, 'API token')}. All servers refuse them after at most 60 seconds.`;
}

export function formatSecondFactor({ id, wasOn }: { id: string; wasOn: boolean }): string {
  return wasOn ? `User ${id} now signs in with the password alone.` : `User ${id} had no second factor.`;
}

export function formatErased({ id }: { id: string }): string {
  return `Deleted user ${id}. Older backups contain the user: ${dbCommand} restore --help shows how a restore removes them.`;
}

export function formatExported({ file, lists, tasks }: ExportCounts & { file: string }): string {
  return `Wrote ${formatCount(lists, 'list')} and ${formatCount(tasks, 'task')} to ${file}. Only you can read the file.`;
}
