import { HoldfastError } from '../errors.ts';
import { assertToken } from './token-text.ts';

/** Stores the session across restarts and reloads. A session is like a password: only the app must be able to read it. */
export interface SessionStorage {
  /** Returns the stored session. Null, undefined or an empty string if there is none. */
  load(): Promise<string | null | undefined> | string | null | undefined;
  /** Null after the user signed out or the session ended. */
  save(session: string | null): Promise<void> | void;
}

export async function loadFrom(storage: SessionStorage | undefined): Promise<string | null> {
  let session: string | null;
  try {
    session = (await storage?.load()) || null;
  } catch (cause) {
    throw toStorageError(cause, { isRetryable: true });
  }
  if (session !== null) assertToken(session, 'The storage');
  return session;
}

export async function saveTo(storage: SessionStorage | undefined, session: string | null): Promise<void> {
  try {
    await storage?.save(session);
  } catch (cause) {
    // The sign-in or sign-out has happened. It lasts until the page or process ends.
    throw toStorageError(cause, { isRetryable: false });
  }
}

function toStorageError(cause: unknown, { isRetryable }: { isRetryable: boolean }): HoldfastError {
  return new HoldfastError({
    code: 'CALLBACK_FAILED',
    message: 'The storage of the app failed. See `cause`.',
    isRetryable,
    cause,
  });
}

/** Events of a page after which another tab may have changed the storage. */
const events = ['storage', 'pageshow', 'visibilitychange'];

/** Calls `check` when another tab may have changed the storage. Does nothing outside browsers. */
export function watchStorage(storage: SessionStorage | undefined, check: () => void): void {
  const page = globalThis as { addEventListener?: (type: string, listener: () => void) => void };
  if (storage !== undefined) for (const type of events) page.addEventListener?.(type, check);
}
