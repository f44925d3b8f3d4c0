import { CliError } from './errors.ts';

/**
 * The address of a server in the one form that it is remembered in.
 *
 * @throws CliError USAGE for what is none.
 */
export function parseServer(text: string, source: string): string {
  const url = URL.parse(text);
  if (url && /^https?:$/.test(url.protocol) && !url.search && !url.hash && !url.username && !url.password) {
    return url.href.replace(/\/+$/, '');
  }
  throw new CliError('USAGE', `${source} must be an address such as https://tasks.example.com, not '${text}'.`);
}

/** Whether what is sent there can be read on the way. */
export function isOpenToEavesdroppers(server: string): boolean {
  const { protocol, hostname } = new URL(server);
  return protocol === 'http:' && !/^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}
