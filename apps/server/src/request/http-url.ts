import { isIPv6 } from 'node:net';

/** `http://HOST:PORT`, as it is written in a URL. */
export function toHttpUrl(host: string, port: number): string {
  return new URL(`http://${isIPv6(host) ? `[${host}]` : host}:${port}`).origin;
}
