import { newId } from '../new-id.ts';
import { userHeader } from '../response.ts';
import type { SessionStorage } from './session-storage.ts';
import type { SessionTokens } from './session-tokens.ts';
import type { SessionKind } from './sign-in.ts';
import { createStoredSession } from './stored-session.ts';

/** The user in a marker. Undefined if the text is no marker, such as the session of an earlier version of the app. */
export const readUserId = (marker: string): string | undefined =>
  /^[!-~]*"userId":"([\w-]{36})"[!-~]*$/.exec(marker)?.[1];

const toHeaders = (marker: string | null): Record<string, string> =>
  marker === null ? {} : { [userHeader]: readUserId(marker)! };

/** The session is a cookie that the script cannot read. The client stores a marker of it: its user, and an ID for each sign-in. */
export const cookieSessions: SessionKind = {
  credentials: 'same-origin',
  toSession: ({ user }) => JSON.stringify({ id: newId(), userId: user.id }),
  toHeaders,
};

/** The marker takes the place of the token. */
export function createCookieTokens(storage = findLocalStorage()): SessionTokens {
  const { end, ...stored } = createStoredSession(
    storage && {
      async load() {
        const marker = await storage.load();
        return marker && readUserId(marker) ? marker : null;
      },
      save: (marker) => storage.save(marker),
    },
  );
  return {
    ...stored,
    get: stored.load,
    available: stored.load,
    toHeaders,
    refuse(marker, { requestId }) {
      // A proxy in front of the server can also respond with 401.
      if (requestId !== null) void end(marker);
      return false;
    },
  };
}

// The part of a page that stores the marker. Its type is in the DOM library.
const page = globalThis as unknown as { localStorage: Record<string, string> };
const key = 'holdfast.session';

/** The storage that all tabs of the page share. Undefined outside pages, and if the browser refuses it. */
function findLocalStorage(): SessionStorage | undefined {
  try {
    if (!('document' in globalThis && page.localStorage)) return undefined;
  } catch {
    return undefined;
  }
  return {
    load: () => page.localStorage[key],
    save: (marker) => void (page.localStorage[key] = marker ?? ''),
  };
}
