import type { Calls } from '../calls.ts';
import type { Internals } from '../internals.ts';
import type { SessionTokens } from './session-tokens.ts';
import type { TokenSource } from './token-source.ts';

/** After the deletion of the user, the session and all local data must be gone. There is no session to end on the server. */
export function forgetAfterDeletion(
  calls: Calls,
  tokens: TokenSource & Partial<Pick<SessionTokens, 'replace' | 'report'>>,
  onSignOut: Internals['onSignOut'],
): Calls {
  async function forget(generation: number): Promise<void> {
    try {
      // A user who signed in during the call stays signed in.
      if (tokens.generation() === generation) await tokens.replace?.(null);
    } finally {
      // Local data must be gone before a listener leaves the page.
      await Promise.allSettled(Array.from(onSignOut.values(), (run) => run(generation)));
      tokens.report?.();
    }
  }

  return {
    ...calls,
    user: {
      ...calls.user,
      async delete(input, options) {
        const generation = tokens.generation();
        await calls.user.delete(input, options);
        await forget(generation);
      },
    },
  };
}
