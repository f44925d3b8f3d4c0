import type { AppRouter } from '@holdfast/api/client';
import { createTRPCClient, httpBatchLink, httpBatchStreamLink, type TRPCClient } from '@trpc/client';
import { toHeaders } from './attempts.ts';
import { createCallLink } from './call-link.ts';
import type { CallOptions, Calls } from './calls.ts';
import { createWatch } from './changes/lazy-watch.ts';
import { createCalls } from './create-calls.ts';
import { toDeadline } from './deadline.ts';
import { type Internals, withInternals } from './internals.ts';
import { createSendAtOnce } from './keepalive.ts';
import { toMaxStale, withMaxStale } from './max-stale.ts';
import { createNetwork, isCrossOrigin } from './network.ts';
import { createFetch, type Fetch } from './response.ts';
import { createRetryPolicy } from './retry-policy.ts';
import type { AccountCalls } from './session/account-calls.ts';
import { cookieSessions, createCookieTokens, readUserId } from './session/cookie-session.ts';
import { forget, forgetAfterDeletion } from './session/forget.ts';
import { createAccount, loadAccount } from './session/lazy-account.ts';
import type { SessionStorage } from './session/session-storage.ts';
import { createSessionTokens, type SessionTokens, storedSessions } from './session/session-tokens.ts';
import {
  type Account,
  type ConfirmSignInInput,
  createSignInRoutes,
  type SignedIn,
  type SignInInput,
  type SignInRoutes,
  type SignUpInput,
} from './session/sign-in.ts';
import type { SessionListener } from './session/stored-session.ts';
import { createCallbackTokens, type GetToken, type TokenSource } from './session/token-source.ts';
import { createWriteOrder } from './write-order.ts';

interface ConnectionOptions {
  /** URL of the server without `/trpc`, such as `https://tasks.example.com`. */
  url: string;
  /**
   * True receives the results of a batch one by one. False (default) receives them together after the last call of
   * the batch, which costs the server less.
   */
  streaming?: boolean;
  /** Time limit of a call in milliseconds, with all retries: 1 to 2,147,483,647. Default: 30,000. */
  deadlineMs?: number;
  /**
   * Seconds by which reads may be behind: a whole number from 2. A read replica of the server may then serve them. They contain
   * every earlier write of this client. Default: reads are current.
   */
  maxStaleSeconds?: number;
  /** Default: the runtime's `fetch`. */
  fetch?: Fetch;
}

/** Options for Holdfast's sign-in. */
export interface ClientOptions extends ConnectionOptions {
  /**
   * `token` (default): the client has the session, and sends tokens. For apps outside browsers, and pages of other origins.
   *
   * `cookie`: the session is a cookie that no script can read. For pages of the same origin as the server. The client then
   * stores only a marker with the ID of the user, by default in `localStorage`. Elsewhere, `fetch` must have a cookie jar.
   */
  session?: 'token' | 'cookie';
  /** Stores the session across restarts. By default, the session ends with the process or page. */
  storage?: SessionStorage;
}

/** Options for the tokens of another issuer that the server trusts. */
export interface OutsideClientOptions extends ConnectionOptions {
  /** Returns the token to send. Null sends no token. */
  getToken: GetToken;
}

/** The client. */
export interface Holdfast extends Calls {
  /** The same calls as a tRPC client, for libraries that need one. */
  trpc: TRPCClient<AppRouter>;
}

/** The session of this client. If it has a `storage`, all tabs of the page share it. */
export interface Session {
  /** True if there is a session. Sends no request, so the server may have ended the session. */
  isSignedIn(): Promise<boolean>;
  /**
   * Calls the listener after each sign-in and sign-out, in this tab or another one, and after the server reported that the
   * session has ended. Returns a function that removes the listener.
   */
  onChange(listener: SessionListener): () => void;
}

/** The client with Holdfast's sign-in. */
export interface HoldfastWithSignIn extends Holdfast {
  session: Session;
  /** Calls for passwords, email address and sessions of the user. */
  account: AccountCalls;
  /**
   * Creates an account and signs in.
   *
   * @throws HoldfastError CONFIRMATION_REQUIRED if the user must first open the link of a mail. Then call `signIn`. The same call again
   * sends another mail.
   */
  signUp(person: SignUpInput, options?: CallOptions): Promise<Account>;
  /**
   * Signs in. Replaces the user who was signed in before.
   *
   * @throws HoldfastError TWO_FACTOR_REQUIRED if the account also needs a code. Then call `confirmSignIn`.
   */
  signIn(credentials: SignInInput, options?: CallOptions): Promise<Account>;
  /** The second step of a sign-in, with a code. After a wrong one, the same `challenge` has four more attempts. */
  confirmSignIn(input: ConfirmSignInInput, options?: CallOptions): Promise<Account>;
  /** Finishes a sign-in with a provider, on the page to which it returned. Only with `session: 'cookie'`. */
  finishSignIn(options?: CallOptions): Promise<Account>;
  /** Removes the session from the client, then ends it on the server. Throws if the server did not confirm. */
  signOut(options?: CallOptions): Promise<void>;
}

/**
 * Creates a client for the server at `url`. It sends nothing before the first call.
 *
 * @throws TypeError if `url` is invalid, or is of another origin than the page with `session: 'cookie'`.
 * @throws RangeError if `deadlineMs` or `maxStaleSeconds` is out of range.
 */
export function createClient(options: OutsideClientOptions): Holdfast;
export function createClient(options: ClientOptions): HoldfastWithSignIn;
export function createClient(options: ClientOptions | OutsideClientOptions): Holdfast | HoldfastWithSignIn {
  const base = toBase(options.url);
  const deadlineMs = toDeadline(options.deadlineMs);
  const maxStaleSeconds = toMaxStale(options.maxStaleSeconds);
  const fetch = createFetch(options.fetch);
  const network = createNetwork(base);
  const url = `${base}/trpc`;
  const onSignOut: Internals['onSignOut'] = new Map();
  const connect = (tokens: TokenSource) => {
    const watch = createWatch({ url, fetch: options.fetch, tokens, network });
    const send = maxStaleSeconds === undefined ? fetch : withMaxStale(fetch, tokens, maxStaleSeconds);
    const trpc = createTRPCClient<AppRouter>({
      links: [
        createCallLink({
          tokens,
          retryPolicy: createRetryPolicy(),
          order: createWriteOrder(),
          network,
          sendAtOnce: createSendAtOnce({ url, fetch: send }),
          deadlineMs,
          watch,
        }),
        createSendLink({ url, fetch: send, tokens, streaming: options.streaming }),
      ],
    });
    return { ...forgetAfterDeletion(createCalls(trpc, watch), tokens, onSignOut), trpc };
  };
  if ('getToken' in options) {
    const tokens = createCallbackTokens(options.getToken);
    return withInternals(connect(tokens), { base, tokens, onSignOut });
  }
  const { storage, session } = options;
  const isCookie = session === 'cookie';
  if (isCookie && isCrossOrigin(base)) {
    throw new TypeError("`session: 'cookie'` needs the origin of the page. Use `url: location.origin`.");
  }
  const kind = isCookie ? cookieSessions : storedSessions;
  const routes = createSignInRoutes({ base, fetch, deadlineMs, network, kind });
  const tokens = isCookie
    ? createCookieTokens(storage)
    : createSessionTokens({ storage, fetchToken: routes.fetchToken });
  const client = { ...connect(tokens), ...createAuth(routes, tokens, { onSignOut, isCookie }) };
  const readUserIdOf = isCookie ? readUserId : undefined;
  return withInternals(client, { base, tokens, loadSession: tokens.load, readUserId: readUserIdOf, onSignOut });
}

interface AuthOptions extends Pick<Internals, 'onSignOut'> {
  isCookie: boolean;
}

function createAuth(routes: SignInRoutes, tokens: SessionTokens, { onSignOut, isCookie }: AuthOptions) {
  const loadSteps = async () => (await loadAccount()).createSteps(routes);

  async function use({ session, account }: SignedIn): Promise<Account> {
    try {
      await tokens.replace(session);
    } finally {
      tokens.report();
    }
    return account;
  }

  return {
    session: {
      isSignedIn: async () => (await tokens.load()) !== null,
      onChange: tokens.onChange,
    },
    account: createAccount({ send: routes.send, loadSession: tokens.load }),
    signUp: async (person, { signal } = {}) => use(await routes.signUp(person, signal)),
    signIn: async (credentials, { signal } = {}) => use(await routes.signIn(credentials, signal)),
    confirmSignIn: async (input, options = {}) => use(await (await loadSteps()).confirm(input, options)),
    finishSignIn: async (options = {}) => use(await (await loadSteps()).find(options)),
    async signOut({ signal } = {}) {
      const generation = tokens.generation();
      const session = await tokens.load();
      const end = async () => {
        // A cookie can be left after a sign-out without a network.
        if (session !== null || isCookie) await routes.signOut(session, signal);
      };
      await forget({ tokens, onSignOut, generation, end });
    },
  } satisfies Omit<HoldfastWithSignIn, keyof Holdfast>;
}

/** The server accepts 20 calls per request. Proxies may refuse longer URLs. */
const batch = { maxItems: 20, maxURLLength: 6000 };

interface SendOptions {
  url: string;
  fetch: Fetch;
  tokens: TokenSource;
  streaming: boolean | undefined;
}

function createSendLink({ url, fetch, tokens, streaming }: SendOptions) {
  const link = streaming ? httpBatchStreamLink<AppRouter> : httpBatchLink<AppRouter>;
  return link({
    url,
    // tRPC's own type of `fetch` is narrower than the runtime's.
    fetch: fetch as NonNullable<Parameters<typeof link>[0]['fetch']>,
    headers: ({ opList }) => toHeaders(opList, tokens),
    // The URL of a query differs with each input, and browsers send a preflight for each URL of another origin.
    ...(isCrossOrigin(url) && { methodOverride: 'POST' }),
    ...batch,
  });
}

function toBase(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed?.username || parsed?.password) {
    throw new TypeError('`url` contains a user name or password. Remove both.');
  }
  if (parsed === null || !/^https?:$/.test(parsed.protocol) || parsed.search || parsed.hash) {
    throw new TypeError(`\`url\` is invalid: ${url}. Use a URL such as https://tasks.example.com.`);
  }
  const base = parsed.href.replace(/\/+$/, '');
  const server = base.replace(/\/(trpc|api\/auth)$/, '');
  if (server === base) return base;
  throw new TypeError(`\`url\` contains a path of the server: ${url}. Use ${server}.`);
}
