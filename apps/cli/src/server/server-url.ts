import { CliError } from '../errors.ts';

/**
 * Normalizes the URL of a server.
 *
 * @throws CliError USAGE if it is invalid.
 */
export function parseServer(text: string, source: string): string {
  const url = URL.parse(text);
  if (url && /^https?:$/.test(url.protocol) && !url.search && !url.hash && !url.username && !url.password) {
    return url.href.replace(/\/+$/, '');
  }
  throw new CliError('USAGE', `${source} is not a server URL: '${text}'. Use one such as https://tasks.example.com.`);
}

/** True if others on the network could read requests to this server. */
export function isInsecure(server: string): boolean {
  const { protocol, hostname } = new URL(server);
  return protocol === 'http:' && !/^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}
