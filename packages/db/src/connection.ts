import { accessSync, constants } from 'node:fs';
import type { ClientConfig } from 'pg';
import { InvalidDatabaseUrlError } from './errors.ts';

const localHosts = /^(localhost|127(\.\d+){3}|\[?::1\]?|)$/;

/**
 * The node-postgres settings for a PostgreSQL URL.
 *
 * Encryption is decided here and nowhere else: a remote host is always reached over TLS with its certificate
 * verified, whatever weaker `sslmode` the URL names; only this machine may be reached in plain text.
 *
 * @throws InvalidDatabaseUrlError for a text that is no PostgreSQL URL, or one that asks for plain text to a remote host.
 */
export function toClientConfig(text: string): ClientConfig {
  const url = parseUrl(text);
  const mode = url.searchParams.get('sslmode');
  const isLocal = localHosts.test(url.hostname) && !url.searchParams.get('host');
  if (!isLocal && (mode === 'disable' || mode === 'no-verify')) {
    throw new InvalidDatabaseUrlError(
      `sslmode=${mode} would send passwords and tasks to ${url.hostname} unprotected: use sslmode=verify-full (with sslrootcert=<file> for a certificate authority of your own)`,
    );
  }
  if (!isLocal || (mode !== null && mode !== 'disable' && mode !== 'prefer' && mode !== 'allow')) {
    url.searchParams.set('sslmode', 'verify-full');
  }
  for (const name of ['sslrootcert', 'sslcert', 'sslkey']) assertReadable(name, url.searchParams.get(name));
  return {
    connectionString: url.href,
    application_name: url.searchParams.get('application_name') ?? 'holdfast',
    enableChannelBinding: url.searchParams.get('channel_binding') === 'require',
  };
}

/** @throws InvalidDatabaseUrlError, whose message shows nothing of the URL. */
export function assertDatabaseUrl(text: string): void {
  toClientConfig(text);
}

/** Where the URL leads, for people: no user, no password, nothing of the query. */
export function connectedHost(text: string): string {
  const url = parseUrl(text);
  return url.searchParams.get('host') ?? (url.host || 'localhost');
}

function parseUrl(text: string): URL {
  const url = URL.parse(text);
  if (url === null || !/^postgres(ql)?:$/.test(url.protocol) || url.pathname.length < 2) {
    throw new InvalidDatabaseUrlError('the database URL must look like postgresql://user:password@host/database');
  }
  return url;
}

function assertReadable(name: string, path: string | null): void {
  // node-postgres knows the word `system` for the certificates of the operating system.
  if (path === null || path === 'system') return;
  try {
    accessSync(path, constants.R_OK);
  } catch (cause) {
    throw new InvalidDatabaseUrlError(`the file that ${name} names cannot be read: ${path}`, { cause });
  }
}
