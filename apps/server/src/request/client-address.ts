import ipaddr from 'ipaddr.js';

/** Carries the client's address to the sign-in library. The server overwrites the value that a client sends. */
export const clientAddressHeader = 'x-holdfast-client-address';

/** An address with a port, or an IPv6 address in brackets with an optional port, as some proxies send it. */
const withPortOrBrackets = /^(?:(?<v4>[\d.]+):\d+|\[(?<v6>[^\]]+)\](?::\d+)?)$/;

/** A client's address without port, brackets and zone. Returns an empty string if the text is not an address. */
export function toClientAddress(text = ''): string {
  const { v4, v6 } = withPortOrBrackets.exec(text)?.groups ?? {};
  const [address = ''] = (v4 ?? v6 ?? text).split('%', 1);
  // `ipaddr.isValid` also accepts hexadecimal and octal numbers, and IPv4 addresses of fewer than four parts.
  return ipaddr.IPv4.isValidFourPartDecimal(address) || ipaddr.IPv6.isValid(address) ? address : '';
}

/**
 * The part of an address that identifies a client: an IPv4 address itself, and the /64 of an IPv6 address. A /64 is the
 * smallest block that a subscriber gets, so all addresses in it can belong to one client.
 */
export function toNetwork(address: string): string {
  if (address === '') return '';
  // Converts IPv4-mapped IPv6 addresses to IPv4.
  const parsed = ipaddr.process(address);
  if (parsed instanceof ipaddr.IPv4) return parsed.toString();
  const groups = parsed.parts.slice(0, 4).map((group) => group.toString(16));
  return `${groups.join(':')}::/64`;
}
