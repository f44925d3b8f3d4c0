import { hash } from 'node:crypto';

/**
 * The first 8 bytes of SHA-256 of a procedure and its input, as a signed integer. The order of the input's fields does not
 * matter, and undefined fields count as omitted.
 */
export function hashRequest(procedure: string, input: object): string {
  return hashRequestJson(procedure, toSortedJson(input));
}

/** As `hashRequest`, for the result of `toSortedJson`. */
export function hashRequestJson(procedure: string, json: string): string {
  return hash('sha256', `${procedure} ${json}`, 'buffer').readBigInt64BE().toString();
}

/** JSON with the fields of each object in the order of their names. */
export function toSortedJson(value: object): string {
  return JSON.stringify(value, sortFields);
}

function sortFields(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
}
