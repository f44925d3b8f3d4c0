import type { Holdfast } from '../client.ts';
import { readInternals } from '../internals.ts';
import { readClaims } from '../session/claims.ts';
import { fail } from './fail.ts';
import { isText, type OpenStorage, type StoredEntry } from './storage.ts';

/** The user of a replica. */
export interface Identity {
  userId: string;
  /** A token of the user, or the marker of a session cookie. Null if the client has neither. */
  token: string | null;
  /** Generation of the client's tokens. Another one can belong to another user. */
  generation: number;
  /** Key of the user in the directory. Null if the directory does not have the session. */
  key: string | null;
}

/** The user in a value of the directory. */
const readUser = (value: object | null | undefined) => (value as { userId?: unknown } | null)?.userId;

/** A text from which no one can derive the credential. Null where the browser has no cryptography: without HTTPS. */
async function toHash(credential: string): Promise<string | null> {
  const { subtle } = globalThis.crypto as { subtle?: typeof globalThis.crypto.subtle };
  const hash = await subtle?.digest('SHA-256', new TextEncoder().encode(credential));
  return hash ? btoa(String.fromCodePoint(...new Uint8Array(hash))) : null;
}

/**
 * Finds the user of the client, without a request if possible, so that a replica can be opened without a network. The marker
 * of a session cookie names the user. For other sessions, the directory remembers users by a hash of their session.
 *
 * @throws HoldfastError UNAUTHORIZED if no user is signed in. Other codes if the user is unknown and the server does not respond.
 */
export async function identify(holdfast: Holdfast, openDirectory: () => Promise<OpenStorage>): Promise<Identity> {
  const { tokens, loadSession, readUserId } = readInternals(holdfast);
  const session = await loadSession?.();
  const generation = tokens.generation();
  if (session === null) throw fail('UNAUTHORIZED', 'No user is signed in. Sign in first.');
  const token = session ?? (await tokens.available());
  const own = session && readUserId?.(session);
  if (own) return { userId: own, token, generation, key: null };
  const { iss, sub } = (token && readClaims(token)) || {};
  const credential = session ?? (sub === undefined ? null : JSON.stringify([iss, sub]));
  const key = credential && (await toHash(credential));
  const { storage, entries } = await openDirectory();
  try {
    const known = key && readUser(new Map(entries).get(key));
    const userId = isText(known) ? known : (await holdfast.user.me()).id;
    if (key && userId !== known) {
      const outdated = entries.filter(([, value]) => readUser(value) === userId);
      // If it fails, the next start needs a network.
      await storage
        .commit(() => [...outdated.map(([key]): StoredEntry => [key, null]), [key, { userId }]])
        .catch(() => {});
    }
    return { userId, token, generation, key };
  } finally {
    storage.close();
  }
}
