import type { Calls } from '../calls.ts';
import type { Internals } from '../internals.ts';
import type { SessionTokens } from './session-tokens.ts';
import type { TokenSource } from './token-source.ts';

type Tokens = TokenSource & Partial<Pick<SessionTokens, 'replace' | 'report'>>;

interface ForgetOptions extends Pick<Internals, 'onSignOut'> {
  tokens: Tokens;
  /** The generation of the tokens of the user. */
  generation: number;
  /** Ends the session on the server. */
  end?: () => Promise<void>;
}

/** Removes the session and all local data of a user. */
export async function forget({ tokens, onSignOut, generation, end }: ForgetOptions): Promise<void> {
  try {
    // A user who signed in meanwhile stays signed in.
    if (tokens.generation() === generation) await tokens.replace?.(null);
  } finally {
    // Local data must be gone before a listener leaves the page.
    await Promise.allSettled(Array.from(onSignOut.values(), (run) => run(generation)));
    try {
      // Even if the storage could not remove the session, it must end on the server.
      await end?.();
    } finally {
      // Last, because a listener can leave the page, which would cancel the request.
      tokens.report?.();
    }
  }
}

/** After the deletion of the user, the session and all local data must be gone. There is no session to end on the server. */
export function forgetAfterDeletion(calls: Calls, tokens: Tokens, onSignOut: Internals['onSignOut']): Calls {
  const remove = calls.user.delete;
  calls.user.delete = async (input, options) => {
    const generation = tokens.generation();
    await remove(input, options);
    await forget({ tokens, onSignOut, generation });
  };
  return calls;
}
