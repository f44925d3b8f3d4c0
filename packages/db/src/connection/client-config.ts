import { readFileSync } from 'node:fs';
import { type ConnectionOptions, getCACertificates } from 'node:tls';
import type { ClientConfig } from 'pg';
import { InvalidDatabaseUrlError } from '../errors.ts';

const localHosts = /^(localhost|127(\.\d+){3}|::1)$/;

/**
 * Converts a PostgreSQL URL to node-postgres settings.
 *
 * Only this function decides about encryption. A remote host always requires TLS with a verified certificate, even if
 * the URL names a weaker `sslmode`. Only connections to this machine may be unencrypted; those to Unix sockets always are.
 *
 * @throws InvalidDatabaseUrlError if the text is not a PostgreSQL URL, or if it requests plain text to a remote host.
 */
export function toClientConfig(text: string): ClientConfig {
  const url = parseUrl(text);
  const ssl = toTlsOptions(url);
  const isDirect = url.searchParams.get('sslnegotiation') === 'direct';
  // In node-postgres, TLS parameters of the URL override the option `ssl`.
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

function toTlsOptions(url: URL): ConnectionOptions | false {
  const { searchParams } = url;
  const host = findHost(url);
  // PostgreSQL offers no TLS on Unix sockets.
  if (host.startsWith('/')) return false;
  const isRequested =
    /^(1|true)$/.test(searchParams.get('ssl') ?? '') || searchParams.get('sslnegotiation') === 'direct';
  const mode = searchParams.get('sslmode') ?? (isRequested ? 'require' : 'prefer');
  const isLocal = localHosts.test(host);
  if (!isLocal && (mode === 'disable' || mode === 'no-verify')) {
    throw new InvalidDatabaseUrlError(
      `sslmode=${mode} would send passwords and tasks to ${host} unprotected. Use sslmode=verify-full, and sslrootcert=<file> for a private certificate authority.`,
    );
  }
  const read = (name: string) => readFileOf(name, searchParams.get(name));
  const [cert, key] = [read('sslcert'), read('sslkey')];
  const ca = searchParams.get('sslrootcert') === 'system' ? getCACertificates('system') : read('sslrootcert');
  if (isLocal && /^(disable|allow|prefer)$/.test(mode)) return false;
  return {
    // The name that the certificate must match. For an IP address node-postgres sets no name, so Node would expect `localhost`.
    host,
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
  };
}

/** @throws InvalidDatabaseUrlError if the URL is invalid. The message contains neither user nor password. */
export function assertDatabaseUrl(text: string): void {
  toClientConfig(text);
}

/** The host and port of the URL for display, without user, password and query. */
export function formatHost(text: string): string {
  const url = parseUrl(text);
  const given = url.searchParams.get('host');
  return given || (/^%2f/i.test(url.hostname) ? findHost(url) : url.host);
}

/** The same URL with another database. */
export function withDatabase(text: string, name: string): string {
  return Object.assign(parseUrl(text), { pathname: `/${name}` }).href;
}

/** The URL in a form that `new URL` accepts. PostgreSQL's URLs may omit the host, also after a user. */
export function normaliseUrl(text: string): string {
  return parseUrl(text).href;
}

/** The name of the host, or the folder of the Unix socket. */
function findHost({ hostname, searchParams }: URL): string {
  return searchParams.get('host') || decodeURIComponent(hostname).replace(/^\[|\]$/g, '');
}

function parseUrl(text: string): URL {
  // Without a host, node-postgres would use PGHOST.
  const url = URL.parse(text.replace(/^(\w+:\/\/(?:[^/@?#]*@)?)(?=\/)/, '$1localhost'));
  if (url === null || !/^postgres(ql)?:$/.test(url.protocol) || url.pathname.length < 2) {
    throw new InvalidDatabaseUrlError('The database URL must look like postgresql://user:password@host/database.');
  }
  // PostgreSQL's protocol ends each text with this character.
  if (/%00/.test(url.href)) throw new InvalidDatabaseUrlError('The database URL contains %00. Remove it.');
  return url;
}

function readFileOf(name: string, path: string | null): string | undefined {
  if (path === null) return undefined;
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new InvalidDatabaseUrlError(`The file in ${name} cannot be read: ${path}`, { cause });
  }
}
