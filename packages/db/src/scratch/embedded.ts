import type * as EmbeddedPostgres from '@holdfast/embedded-postgres';

/**
 * Loads the optional package that holds the PostgreSQL binaries.
 *
 * @throws Error that names the package if it is not installed.
 */
export async function loadEmbeddedPostgres(): Promise<typeof EmbeddedPostgres> {
  try {
    return await import('@holdfast/embedded-postgres');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw cause;
    throw new Error('No database is configured. Set DATABASE_URL, or install @holdfast/embedded-postgres.', { cause });
  }
}
