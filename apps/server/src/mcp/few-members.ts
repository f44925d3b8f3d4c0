import { TRPCError } from '@trpc/server';

/**
 * Maximum number of keys and items of a message besides the values of the arguments, which the tool checks. The library checks each
 * several times: 14,000 keys take half a second, in which the process serves no other call.
 */
const membersMax = 200;

/** @throws TRPCError BAD_REQUEST */
export function assertFewMembers(message: object): void {
  let left = membersMax;
  function count(value: unknown, path: readonly string[]): void {
    if (typeof value !== 'object' || value === null || left < 0) return;
    const members = Object.entries(value);
    left -= members.length;
    if (left < 0 || path.join('.') === 'params.arguments') return;
    for (const [name, member] of members) count(member, [...path, name]);
  }
  count(message, []);
  if (left >= 0) return;
  const problem = `The message has too many keys. Send at most ${membersMax}, without those within arguments.`;
  throw new TRPCError({ code: 'BAD_REQUEST', message: problem });
}
