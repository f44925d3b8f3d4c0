import { isIP } from 'node:net';

/** An address with a port, or an IPv6 address in brackets with or without one, as some proxies write it. */
const dressed = /^(?:(?<v4>[\d.]+):\d+|\[(?<v6>[^\]]+)\](?::\d+)?)$/;

/** The bare address of a client, without port, brackets and zone; empty for what is no address. */
export function toClientAddress(text: string | undefined): string {
  const { v4, v6 } = dressed.exec(text ?? '')?.groups ?? {};
  const [address = ''] = (v4 ?? v6 ?? text ?? '').split('%', 1);
  return isIP(address) > 0 ? address : '';
}
