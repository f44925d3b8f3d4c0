import { hashPassword, verifyPassword } from 'better-auth/crypto';

/** Of the four threads that libuv has for all of the process. */
const threads = 2;

/**
 * The sign-in library's own hash of passwords, but few at a time: each keeps a thread at work for a tenth of a second, and
 * a crowd that signs in would hold up what else needs one, as every new connection to the database does.
 */
export function createPasswordHash() {
  const turns: Promise<unknown>[] = Array.from({ length: threads }, () => Promise.resolve());
  let next = 0;

  function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const at = next++ % threads;
    const result = turns[at]!.then(work);
    turns[at] = result.catch(() => {});
    return result;
  }

  return {
    hash: (password: string): Promise<string> => inTurn(() => hashPassword(password)),
    verify: (given: { hash: string; password: string }): Promise<boolean> => inTurn(() => verifyPassword(given)),
  };
}
