import type * as EmbeddedPostgres from '@holdfast/embedded-postgres';

class EmbeddedMissingError extends Error {
  override readonly name = 'EmbeddedMissingError';
  readonly code = 'NOT_INSTALLED';
  constructor(options: ErrorOptions) {
    super('No database is configured. Set DATABASE_URL, or install @holdfast/embedded-postgres.', options);
  }
}

/**
 * Loads the optional package that holds the PostgreSQL binaries.
 *
 * @throws EmbeddedMissingError if the package is not installed.
 */
export async function loadEmbeddedPostgres(): Promise<typeof EmbeddedPostgres> {
  try {
    return await import('@holdfast/embedded-postgres');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw cause;
    throw new EmbeddedMissingError({ cause });
  }
}
