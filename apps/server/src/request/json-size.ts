import { TRPCError } from '@trpc/server';

/** Smaller bodies are parsed in a few milliseconds, whatever they contain. */
const checkedBytesMin = 32 * 1024;

const [quote, backslash, comma, colon, brace, bracket] = Array.from('"\\,:{[', (character) => character.charCodeAt(0));

/**
 * Rejects JSON of very many parts. Parsing and validation take time for each part: up to 150 ms for one megabyte of
 * keys, in which the process serves no other call.
 *
 * @param partsMax Maximum number of commas, colons and opening brackets.
 * @throws TRPCError BAD_REQUEST
 */
export function assertFewParts(body: Buffer, partsMax: number): void {
  if (body.length < checkedBytesMin) return;
  let parts = 0;
  for (let at = 0; at < body.length; at += 1) {
    const byte = body[at];
    if (byte === quote) at = findEnd(body, at);
    else if (byte === comma || byte === colon || byte === brace || byte === bracket) parts += 1;
    if (parts > partsMax) throw toError(partsMax);
  }
}

/** The position of the quote that ends a string, or the end of the body. */
function findEnd(body: Buffer, start: number): number {
  for (let at = start + 1; at < body.length; at += 1) {
    const byte = body[at];
    if (byte === quote) return at;
    if (byte === backslash) at += 1;
  }
  return body.length;
}

function toError(partsMax: number): TRPCError {
  const message = `The body has too many parts. Send at most ${partsMax.toLocaleString('en')} keys and values.`;
  return new TRPCError({ code: 'BAD_REQUEST', message });
}
