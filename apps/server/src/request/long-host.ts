/** The longest host name has 253 characters (RFC 1035, 2.3.4). */
const hostLengthMax = 255;

/** Whether a text is a URL with a host that `URL` would parse for long: it takes the square of the length to sort the marks of letters. */
export function hasLongHost(text: string): boolean {
  // As in `URL`, which ignores tabs and line breaks, and needs no slash before a host.
  const [, host = ''] = /^[^:]*:[/\\]*([^/\\?#]*)/.exec(text.replaceAll(/[\t\n\r]/g, '')) ?? [];
  return host.length > hostLengthMax;
}
