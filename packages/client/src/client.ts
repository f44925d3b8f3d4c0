import type { AppRouter } from '@holdfast/api/client';
import { createTRPCClient, httpBatchLink, httpBatchStreamLink, type TRPCClient } from '@trpc/client';
import { createFetch, type Fetch } from './answer.ts';
import { createCallLink, toHeaders } from './call-link.ts';
import { type CallOptions, createCalls, type TaskCalls, type UserCalls } from './calls.ts';
import { createOutsideCredentials, type Credentials, type GetToken } from './credentials.ts';
import { createRetryPolicy } from './rounds.ts';
import { createSession, type Session, type SessionStorage } from './session.ts';
import { type Account, createSignInRoutes, type SignInRoutes } from './sign-in.ts';

interface ConnectionOptions {
  /** Where the server is, without `/trpc`: `https://tasks.example.com`. */
  url: string;
  /**
   * Answers of one batch as they come, each by itself. Without it a batch is answered when the last of its calls is
   * done, which costs the server less.
   */
  streaming?: boolean;
  /** How long a call may take in all, retries included, in milliseconds; 30,000 where it is left out. */
  deadlineMs?: number;
  /** In place of the runtime's own. */
  fetch?: Fetch;
}

/** For Holdfast's own sign-in. */
export interface ClientOptions extends ConnectionOptions {
  /** Keeps the session over restarts; without it the session is gone with the process or page. */
  storage?: SessionStorage;
}

/** For the tokens of another issuer, which the server was told to trust. */
export interface OutsideClientOptions extends ConnectionOptions {
  /** Gives the token to send, from wherever the app gets it; null for nobody. */
  getToken: GetToken;
}

/** The procedures of Holdfast. */
export interface Holdfast {
  task: TaskCalls;
  user: UserCalls;
  /** The same calls as tRPC's own client, for libraries that build on it. */
  trpc: TRPCClient<AppRouter>;
}

/** The same with Holdfast's own sign-in. */
export interface HoldfastWithSignIn extends Holdfast {
  /** Makes an account and signs it in. */
  signUp(person: { name: string; email: string; password: string }, options?: CallOptions): Promise<Account>;
  signIn(credentials: { email: string; password: string }, options?: CallOptions): Promise<Account>;
  /** Forgets the session here at once, then ends it at the server; fails where the server could not be told. */
  signOut(options?: CallOptions): Promise<void>;
}

/**
 * A client of the server at `url`. Nothing is sent before the first call.
 *
 * @throws TypeError, RangeError where an option cannot be right.
 */
export function createClient(options: OutsideClientOptions): Holdfast;
export function createClient(options: ClientOptions): HoldfastWithSignIn;
export function createClient(options: ClientOptions | OutsideClientOptions): Holdfast | HoldfastWithSignIn {
  const base = toBase(options.url);
  const deadlineMs = toDeadline(options.deadlineMs);
  const fetch = createFetch(options.fetch);
  const connect = (credentials: Credentials) => {
    const trpc = createTRPCClient<AppRouter>({
      links: [
        createCallLink({ credentials, rounds: createRetryPolicy(), deadlineMs }),
        createSendLink({ url: `${base}/trpc`, fetch, streaming: options.streaming }),
      ],
    });
    return { ...createCalls(trpc), trpc };
  };
  if ('getToken' in options) return connect(createOutsideCredentials(options.getToken));
  const routes = createSignInRoutes({ base, fetch, deadlineMs });
  const session = createSession({ storage: options.storage, fetchToken: routes.fetchToken });
  return { ...connect(session), ...createAuth(routes, session) };
}

function createAuth(routes: SignInRoutes, session: Session) {
  return {
    async signUp(person, { signal } = {}) {
      const entered = await routes.signUp(person, signal);
      await session.replace(entered.session);
      return entered.account;
    },
    async signIn(credentials, { signal } = {}) {
      const entered = await routes.signIn(credentials, signal);
      await session.replace(entered.session);
      return entered.account;
    },
    async signOut({ signal } = {}) {
      const holder = session.holder();
      const ended = await session.load();
      try {
        // Whoever has signed in while it was loaded stays.
        if (session.holder() === holder) await session.replace(null);
      } finally {
        // What the storage could not forget is at least worth nothing.
        if (ended !== null) await routes.signOut(ended, signal);
      }
    },
  } satisfies Omit<HoldfastWithSignIn, keyof Holdfast>;
}

/** As many calls as the server takes in one request, and no longer a URL than proxies let through. */
const batch = { maxItems: 20, maxURLLength: 6000 };

function createSendLink({ url, fetch, streaming }: { url: string; fetch: Fetch; streaming: boolean | undefined }) {
  const link = streaming ? httpBatchStreamLink<AppRouter> : httpBatchLink<AppRouter>;
  return link({
    url,
    // What is handed in here is always the runtime's own or one that answers like it.
    fetch: fetch as NonNullable<Parameters<typeof link>[0]['fetch']>,
    headers: ({ opList }) => toHeaders(opList),
    ...batch,
  });
}

function toBase(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed !== null && /^https?:$/.test(parsed.protocol) && !parsed.search && !parsed.hash) {
    return parsed.href.replace(/\/+$/, '');
  }
  throw new TypeError(`\`url\` must be where the server is, such as https://tasks.example.com, not ${url}.`);
}

/** A timer of more than this many milliseconds would ring at once. */
const timerMax = 2 ** 31 - 1;

function toDeadline(deadlineMs = 30_000): number {
  if (deadlineMs > 0 && deadlineMs <= timerMax) return deadlineMs;
  throw new RangeError(`\`deadlineMs\` must be from 1 to ${timerMax}, not ${deadlineMs}.`);
}
