import { isIPv6 } from 'node:net';

/** Returns `http://HOST:PORT`, with an IPv6 host in brackets. */
export function toHttpUrl(host: string, port: number): string {
  return new URL(`http://${isIPv6(host) ? `[${host}]` : host}:${port}`).origin;
}
