import { Failure } from './errors.ts';

/** Where the tokens of calls come from. */
export interface Credentials {
  /** Changes when somebody signs in or out: a call of one user must never be repeated as another's. */
  holder(): number;
  /** A token to send; null without anybody signed in. @throws a Failure. */
  get(): Promise<string | null>;
  /** The server would not take this token: the next one has to be another. */
  refuse(token: string): void;
}

/** Gives a token of another issuer. `refused` is the one that the server would not take, if that is why it is asked. */
export type GetToken = (circumstances: { refused: string | null }) => Promise<string | null> | string | null;

/** The app's own tokens; the app, or the library it uses, knows how long they are good. */
export function createOutsideCredentials(getToken: GetToken): Credentials {
  let refused: string | null = null;
  let latest: string | null = null;
  let asking: Promise<string | null> | undefined;

  async function ask(): Promise<string | null> {
    try {
      latest = await getToken({ refused });
      if (latest !== refused) refused = null;
      return latest;
    } catch (cause) {
      const message = 'The getToken() of the app has failed.';
      throw new Failure({ code: 'CALLBACK_FAILED', message, isRetryable: true, cause });
    }
  }

  return {
    holder: () => 0,
    get() {
      if (asking !== undefined) return asking;
      const current = ask().finally(() => {
        if (asking === current) asking = undefined;
      });
      return (asking = current);
    },
    refuse(token) {
      // Of the calls that bore it, the first one has another asked for.
      if (token !== latest || token === refused) return;
      refused = token;
      // Whoever was asked before knows nothing of it.
      asking = undefined;
    },
  };
}
