import { hashPassword, verifyPassword } from 'better-auth/crypto';
import pLimit from 'p-limit';

/** Out of the four threads in the process's libuv thread pool. */
const threadsMax = 2;

/**
 * The sign-in library's password hash, limited to two hashes at a time. Each one occupies a libuv thread for a tenth of
 * a second. Without the limit, many sign-ins at once would delay all other work that needs such a thread, for example
 * each new database connection.
 */
export function createPasswordHash() {
  const limit = pLimit(threadsMax);
  return {
    hash: (password: string): Promise<string> => limit(() => hashPassword(password)),
    verify: (given: { hash: string; password: string }): Promise<boolean> => limit(() => verifyPassword(given)),
  };
}
