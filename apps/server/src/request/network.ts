import { isIPv6 } from 'node:net';

const mapped = /^::ffff:(?=[\d.]+$)/i;

/**
 * Whom an address stands for: itself in IPv4; in IPv6 its /64, since that is the least that a subscriber gets, and any
 * number of addresses in it are one client's.
 */
export function toNetwork(address: string): string {
  if (mapped.test(address)) return address.replace(mapped, '');
  if (!isIPv6(address)) return address;
  // The URL parser writes an address in one way only, without dots and leading zeros.
  const [head = '', tail = ''] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const [first, last] = [head, tail].map((part) => part.split(':').filter((group) => group !== '')) as [
    string[],
    string[],
  ];
  const zeros = Array.from({ length: 8 - first.length - last.length }, () => '0');
  return `${[...first, ...zeros, ...last].slice(0, 4).join(':')}::/64`;
}
