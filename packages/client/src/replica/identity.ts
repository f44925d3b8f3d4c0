import type { Holdfast } from '../client.ts';
import { readInternals } from '../internals.ts';
import { readClaims } from '../session/claims.ts';
import { isObject } from '../touched-records.ts';
import { fail } from './fail.ts';
import type { OpenStorage, StoredEntry } from './storage.ts';

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

interface Known {
  userId: string;
}

const isKnown = (value: unknown) => isObject(value) && typeof (value as Known).userId === 'string';

/** A text from which no one can derive the credential. Null where the browser has no cryptography: without HTTPS. */
async function toHash(credential: string): Promise<string | null> {
  const { subtle } = globalThis.crypto as { subtle?: typeof globalThis.crypto.subtle };
  const hash = await subtle?.digest('SHA-256', new TextEncoder().encode(credential));
  return hash ? btoa(String.fromCodePoint(...new Uint8Array(hash))) : null;
}

function toUserKey(token: string): string | null {
  const { iss, sub } = readClaims(token) ?? {};
  return sub === undefined ? null : JSON.stringify([iss, sub]);
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
  const credential = session ?? (token === null ? null : toUserKey(token));
  const hash = credential === null ? null : await toHash(credential);
  const { storage, entries } = await openDirectory();
  try {
    const known = entries.filter(([, value]) => isKnown(value)) as [string, Known][];
    const found = known.find(([key]) => key === hash)?.[1].userId;
    const userId = found ?? (await holdfast.user.me()).id;
    if (hash !== null && !found) {
      const outdated = known.filter(([, value]) => value.userId === userId).map(([key]): StoredEntry => [key, null]);
      // If it fails, the next start needs a network.
      await storage.commit(() => [...outdated, [hash, { userId }]]).catch(() => {});
    }
    return { userId, token, generation, key: hash };
  } finally {
    storage.close();
  }
}
