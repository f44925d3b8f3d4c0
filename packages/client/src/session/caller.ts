import { orAborted } from '../deadline.ts';
import { HoldfastError } from '../errors.ts';
import { areOfDifferentUsers } from './claims.ts';
import type { TokenSource } from './token-source.ts';

/** The user who made a call. */
export interface Caller {
  /** Generation of the token source when the call started. */
  generation: number;
  /** The token of the first attempt. Null before. */
  token: string | null;
}

interface TokenRequest {
  tokens: TokenSource;
  signal: AbortSignal;
  /** Returns the token. Default: `tokens.get`. */
  get?: () => Promise<string | null>;
}

/**
 * Returns the token for an attempt of a call.
 *
 * @throws HoldfastError if a user signed in or out after the call started.
 */
export async function findToken(caller: Caller, { tokens, signal, get = () => tokens.get() }: TokenRequest) {
  assertSameUser(tokens, caller);
  const token = await orAborted(get, signal);
  assertSameUser(tokens, caller);
  caller.token ??= token;
  if (areOfDifferentUsers(caller.token, token)) throw userChanged();
  return token;
}

/** @throws HoldfastError if a user signed in or out after the call started. */
export function assertSameUser(tokens: TokenSource, { generation }: Caller): void {
  if (tokens.generation() !== generation) throw userChanged();
}

export function userChanged(): HoldfastError {
  const message = 'A user signed in or out before the call was sent. Start the call again.';
  return new HoldfastError({ code: 'UNAUTHORIZED', message, isRetryable: true });
}
