import type { ConnectionsStatus, TransactionsStatus, TransactionStatus } from '../status/activity.ts';
import { isUnread, type Unread } from '../status/read-section.ts';
import type { StatementStatus } from '../status/statements.ts';
import type { Status } from '../status/status.ts';
import type { IndexesStatus, TableStatus } from '../status/storage.ts';
import { toColumns, toPrintable } from './columns.ts';
import { toBytes, toCount, toDuration } from './units.ts';

/** The status for people, in lines that keep to the width where they can. */
export function toReport(status: Status, width: number): string {
  const { server, database, migrations, walls, connections, transactions, tables, indexes, statements } = status;
  const facts: [string, string][] = [
    ['server', `${server.product} at ${server.host}`],
    ['database', read(database, ({ name, bytes, user }) => `${name}, ${toBytes(bytes)}, seen as ${user}`)],
    ['migrations', read(migrations, toMigrations)],
    ['walls', read(walls, ({ missing }) => (missing.length === 0 ? 'stand' : `not complete:${toList(missing)}`))],
    ['connections', read(connections, toConnections)],
    ['transactions', read(transactions, toTransactions)],
  ];
  return [
    facts.map(([label, text]) => `${label.padEnd(14)}${text}`).join('\n'),
    toSection('tables', tables, (found) => toTables(found, width)),
    toSection('indexes', indexes, (found) => toIndexes(found, width)),
    toSection('statements', statements, (found) => toStatements(found, width)),
    toVerdict(status.problems),
  ].join('\n\n');
}

/** What needs a person, or that nothing does. */
export function toVerdict(problems: readonly string[]): string {
  if (problems.length === 0) return 'Healthy.';
  return `This needs a person:${toList(problems)}`;
}

function toList(sentences: readonly string[]): string {
  return sentences.map((sentence) => `\n  - ${toPrintable(sentence)}`).join('');
}

function read<Found extends object>(found: Found | Unread, toText: (found: Found) => string): string {
  return isUnread(found) ? `not read: ${found.unread}` : toText(found);
}

function toSection<Found extends object>(title: string, found: Found | Unread, toText: (found: Found) => string) {
  if (isUnread(found)) return `${title.padEnd(14)}not read: ${found.unread}`;
  return `${title}\n${toText(found).replaceAll(/^/gm, '  ')}`;
}

function toMigrations({ pending, unknown }: { pending: string[]; unknown: string[] }): string {
  const newer = unknown.length > 0 ? `a newer version has also applied ${unknown.join(', ')}` : '';
  const own = pending.length > 0 ? `pending: ${pending.join(', ')}` : 'at head';
  return toPrintable([own, newer].filter(Boolean).join('; '));
}

function toConnections({ max, reserved, byState }: ConnectionsStatus): string {
  const count = byState.reduce((sum, state) => sum + state.count, 0) + 1;
  const states = ['this one', ...byState.map((entry) => `${entry.count} ${entry.state}`)].join(', ');
  const hidden = byState.some(({ state }) => state === 'hidden') ? `; ${showHidden}` : '';
  return `${count} of ${max - reserved} (${states})${hidden}`;
}

const showHidden = 'to see what is hidden, grant pg_read_all_stats to the user';

function toTransactions({ longest, longestIdle, hidden }: TransactionsStatus): string {
  const lines = [longest === null ? 'none open beside this one' : `longest open ${toLine(longest)}`];
  if (longestIdle !== null) lines.push(`longest idle ${toLine(longestIdle)}`);
  if (hidden > 0) lines.push(`${hidden} sessions are hidden; ${showHidden}`);
  return lines.join(`\n${' '.repeat(14)}`);
}

function toLine({ pid, application, state, seconds }: TransactionStatus): string {
  return `${toDuration(seconds)} (pid ${pid}, ${toPrintable(application) || 'no application name'}, ${state})`;
}

function toTables(tables: TableStatus[], width: number): string {
  if (tables.length === 0) return 'none';
  const rows = tables.map((table) => [
    table.name,
    table.rows === null ? 'not analysed' : `~${toCount(table.rows)}`,
    toBytes(table.bytes),
    toBytes(table.indexBytes),
  ]);
  return toColumns([['name', 'rows', 'size', 'of it indexes'], ...rows], width - 2);
}

function toIndexes({ invalid, unused, since }: IndexesStatus, width: number): string {
  const lines = invalid.map(({ name, mend }) => `invalid ${toPrintable(name)}: ${toPrintable(mend)}`);
  if (unused.length > 0) {
    const rows = unused.map(({ name, table, scans, bytes }) => [name, table, toCount(scans), toBytes(bytes)]);
    const counted = since === null ? 'scans' : `scans since ${since}`;
    lines.push(toColumns([['unused', 'table', counted, 'size'], ...rows], width - 2));
  }
  return lines.length > 0 ? lines.join('\n') : 'all valid and in use';
}

function toStatements(statements: StatementStatus[], width: number): string {
  if (statements.length === 0) return 'none yet';
  const rows = statements.map(({ calls, meanMs, totalMs, rows: count, text }) => [
    toCount(calls),
    meanMs.toFixed(2),
    toCount(totalMs),
    toCount(count),
    text,
  ]);
  return toColumns([['calls', 'mean ms', 'total ms', 'rows', 'statement'], ...rows], width - 2);
}
