import { toGrantSql } from '../backup/grants.ts';
import type { Manifest } from '../backup/manifest.ts';
import type { RestoreResult } from '../backup/restore.ts';
import type { ScheduledBackup } from '../backup/scheduled-backup.ts';
import type { UserRestoreResult } from '../backup/user/restore-user.ts';
import type { Verification } from '../backup/verify.ts';
import { formatCount, formatDuration, formatSize, toPrintable } from './format.ts';

export function describeBackup({ tables, takenAt, server }: Manifest): string {
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  const bytes = tables.reduce((sum, table) => sum + table.bytes, 0);
  return `The backup contains everything committed by ${takenAt}: ${formatCount(rows, 'row')}, ${formatSize(bytes)} of text, from PostgreSQL ${server}.`;
}

const shownOmitted = 20;

/** A warning about the objects that a backup does not contain. */
export function describeOmitted(omitted: readonly string[]): string {
  const names = omitted.slice(0, shownOmitted).map((name) => `\n  - ${toPrintable(name)}`);
  const more = omitted.length > names.length ? `\n  … and ${omitted.length - names.length} more` : '';
  return `Warning: the backup does not contain these objects, which no migration made. Store their SQL elsewhere:${names.join('')}${more}`;
}

export function describeScheduledBackup({ file, verification, removed }: ScheduledBackup): string {
  const lines = [file, describeVerification(verification)];
  if (removed.length > 0) lines.push(`Removed ${removed.join(', ')}.`);
  return lines.join('\n');
}

export function describeVerification({ manifest, migrated, restoreMs }: Verification): string {
  const ageMs = Math.max(0, Date.now() - Date.parse(manifest.takenAt));
  return [
    'Verified. The file is intact, and every table of the restored database matches it:',
    ...describeContents({ manifest, migrated }),
    `Restore time on this server (RTO): ${formatDuration(restoreMs)}. Data lost by a restore now (RPO): the last ${formatDuration(ageMs)}.`,
  ].join('\n');
}

export function describeRestore(result: RestoreResult, tookMs: number): string {
  return [
    `Restored in ${formatDuration(tookMs)}. Every table matches the backup:`,
    ...describeContents(result),
    ...describeErased(result),
    ...describeGrants(result.manifest),
  ].join('\n');
}

function describeErased({ erased }: RestoreResult): string[] {
  if (erased === 0) return [];
  return [`Removed ${formatCount(erased, 'user')} of the backup, who were deleted later.`];
}

function describeGrants({ grants }: Manifest): string[] {
  if (grants === undefined) {
    return [
      'This older backup does not list the rights of logins. Grant them as in docs/operations.md under Roles, if servers use another login than the owner.',
    ];
  }
  const statements = toGrantSql(grants).map((statement) => `  ${toPrintable(statement)}`);
  if (statements.length === 0) return [];
  return [
    'No rights of other logins were restored. The source database had these. Run them as the owner:',
    ...statements,
  ];
}

function describeContents({ manifest, migrated }: Pick<RestoreResult, 'manifest' | 'migrated'>): string[] {
  const lines = [...toTableLines(manifest), describeBackup(manifest)];
  const { omitted = [] } = manifest;
  if (omitted.length > 0) lines.push(describeOmitted(omitted));
  if (migrated.length > 0) lines.push(`Migrated to the newest schema: ${migrated.join(', ')}.`);
  return lines;
}

function toTableLines({ tables }: Manifest): string[] {
  const cells = tables.map(({ name, rows, bytes, sha256 }) => [
    name,
    formatCount(rows, 'row'),
    formatSize(bytes),
    sha256,
  ]);
  const widths = [0, 1, 2].map((at) => Math.max(...cells.map((row) => row[at]!.length)));
  return cells.map(
    ([name, rows, size, sha256]) =>
      `  ${name!.padEnd(widths[0]!)}  ${rows!.padStart(widths[1]!)}  ${size!.padStart(widths[2]!)}  sha256 ${sha256!.slice(0, 16)}…`,
  );
}

const shownDifferences = 50;

export function describeUserRestore({ userId, differences, verification }: UserRestoreResult, apply: boolean): string {
  const signs = { added: '+', changed: '~', removed: '-' } as const;
  const lines = differences
    .slice(0, shownDifferences)
    .map(
      ({ of, kind, id, columns }) =>
        `  ${signs[kind]} ${of} ${id}${kind === 'changed' ? `  ${columns.join(', ')}` : ''}`,
    );
  const more = differences.length - lines.length;
  const counts = (['added', 'changed', 'removed'] as const).map(
    (kind) => `${differences.filter((difference) => difference.kind === kind).length} ${kind}`,
  );
  const subject = `User ${userId}, backup of ${verification.manifest.takenAt}`;
  if (differences.length === 0) return `${subject}: every list and task already matches the backup.`;
  return [
    `${subject}: ${counts.join(', ')}${apply ? '' : ' (dry run)'}.`,
    ...lines,
    ...(more > 0 ? [`  … and ${more.toLocaleString('en')} more`] : []),
    apply ? 'Done. No other user was changed.' : 'Nothing was changed. To apply these changes, add --yes.',
  ].join('\n');
}
