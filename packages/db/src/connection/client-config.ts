import { readFileSync } from 'node:fs';
import { type ConnectionOptions, getCACertificates } from 'node:tls';
import type { ClientConfig } from 'pg';
import { InvalidDatabaseUrlError } from '../errors.ts';

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
  const ssl = toTlsOptions(url);
  const isDirect = url.searchParams.get('sslnegotiation') === 'direct';
  // What node-postgres reads of encryption in a URL goes before what it is told besides.
  const names = [...url.searchParams.keys()].filter((name) => /^ssl|^uselibpqcompat$/.test(name));
  for (const name of names) url.searchParams.delete(name);
  return {
    connectionString: url.href,
    ssl,
    ...(isDirect && ssl !== false && { sslnegotiation: 'direct' }),
    application_name: url.searchParams.get('application_name') ?? 'holdfast',
    enableChannelBinding: url.searchParams.get('channel_binding') === 'require',
  };
}

function toTlsOptions({ hostname, searchParams }: URL): ConnectionOptions | false {
  const isAsked = /^(1|true)$/.test(searchParams.get('ssl') ?? '') || searchParams.get('sslnegotiation') === 'direct';
  const mode = searchParams.get('sslmode') ?? (isAsked ? 'require' : 'prefer');
  const isLocal = localHosts.test(hostname) && !searchParams.get('host');
  if (!isLocal && (mode === 'disable' || mode === 'no-verify')) {
    throw new InvalidDatabaseUrlError(
      `sslmode=${mode} would send passwords and tasks to ${hostname} unprotected: use sslmode=verify-full (with sslrootcert=<file> for a certificate authority of your own)`,
    );
  }
  const read = (name: string) => readNamed(name, searchParams.get(name));
  const [cert, key] = [read('sslcert'), read('sslkey')];
  const ca = searchParams.get('sslrootcert') === 'system' ? getCACertificates('system') : read('sslrootcert');
  if (isLocal && /^(disable|allow|prefer)$/.test(mode)) return false;
  return {
    // Whose name the certificate must bear: for an address node-postgres names none, and Node would look for `localhost`.
    host: searchParams.get('host') ?? hostname.replace(/^\[|\]$/g, ''),
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
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

function readNamed(name: string, path: string | null): string | undefined {
  if (path === null) return undefined;
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new InvalidDatabaseUrlError(`the file that ${name} names cannot be read: ${path}`, { cause });
  }
}
