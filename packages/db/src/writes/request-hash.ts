import { hash } from 'node:crypto';

/**
 * The first 8 bytes of SHA-256 of a procedure and its input, as a signed integer. The order of the input's fields does not
 * matter, and undefined fields count as omitted.
 */
export function hashRequest(procedure: string, input: object): string {
  const text = `${procedure} ${JSON.stringify(input, sortFields)}`;
  return hash('sha256', text, 'buffer').readBigInt64BE().toString();
}

function sortFields(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
}
