import { createHash } from 'node:crypto';
import type { AuthStore } from '@holdfast/db';
import type { Limiter, Rule } from '../../peers/shared-limit.ts';
import { assertWithinLimit, type CreateLimiter } from '../../rate-limit.ts';
import { clientAddressHeader, toNetwork } from '../../request/client-address.ts';
import { createKnownDevices, type HookContext } from './known-devices.ts';

const quarterHour = 15 * 60;
const hour = 3600;

/**
 * Wrong passwords that are accepted. No one can use up the attempts of an account for its owner: a browser that has signed in
 * before has its own attempts, and each network has some, too, however often others try.
 */
const rules = {
  /** Of one address, for all accounts. Also counts right passwords. */
  address: { name: '/sign-in/email', max: 15, windowSeconds: 60 },
  /** Of a browser that has signed in to the account before. Beyond it, the browser counts as unknown. */
  device: { name: 'sign-in device', max: 10, windowSeconds: quarterHour, canGiveBack: true },
  /** Of one network for one account. */
  network: { name: 'sign-in network', max: 20, windowSeconds: quarterHour, canGiveBack: true },
  /** Of all unknown browsers for one account. Beyond it, the account is under attack. */
  account: { name: 'sign-in account', max: 100, windowSeconds: hour, canGiveBack: true },
  /** Of one network for an account under attack, unless a session of the account is in this network. */
  attacked: { name: 'sign-in attacked', max: 3, windowSeconds: hour, canGiveBack: true },
} satisfies Record<string, Rule>;

const tooManyOfAddress = 'Too many attempts from this address. Try again later.';
const tooManyForAccount = 'Too many attempts for this account. Wait, or set a new password.';

type NewSession = NonNullable<HookContext['context']['newSession']>;

/** Counts of an attempt, which a full sign-in gives back. */
type Taken = [limiter: Limiter, key: string][];

export interface SignInAttempts {
  /** Counts an attempt before the password is checked. @throws TRPCError TOO_MANY_REQUESTS */
  begin(context: HookContext): Promise<void>;
  /** After a full sign-in: its attempt does not count, and the browser is known from now on. */
  succeed(context: HookContext, newSession: NewSession): Promise<void>;
}

export interface SignInAttemptsOptions {
  store: AuthStore;
  secret: string;
  createLimiter: CreateLimiter;
}

const toClientNetwork = ({ headers }: HookContext) => toNetwork(headers?.get(clientAddressHeader) ?? '');

/** The keys of an account and a network. Addresses of people do not belong into the table of counts. */
function toKeys(email: string, network: string) {
  const account = createHash('sha256').update(email).digest('base64url');
  return { account, place: `${account} ${network}` };
}

/** Limits the attempts to guess a password at the sign-in. Unknown addresses count in the same way as those of accounts. */
export function createSignInAttempts({ store, secret, createLimiter }: SignInAttemptsOptions): SignInAttempts {
  const devices = createKnownDevices(secret);
  const limitAddress = createLimiter(rules.address);
  const limitDevice = createLimiter(rules.device);
  const limitNetwork = createLimiter(rules.network);
  const limitAccount = createLimiter(rules.account);
  const limitAttacked = createLimiter(rules.attacked);
  const attempts = new WeakMap<Request, Taken>();

  async function countUnknown(email: string, network: string, taken: Taken): Promise<void> {
    async function assert(limiter: Limiter, key: string): Promise<void> {
      assertWithinLimit(await limiter(key), tooManyForAccount);
      taken.push([limiter, key]);
    }

    assertWithinLimit(await limitAddress(network), tooManyOfAddress);
    const { account, place } = toKeys(email, network);
    await assert(limitNetwork, place);
    if ((await limitAccount(account)) === null) taken.push([limitAccount, account]);
    else if (!(await hasSession(email, network))) await assert(limitAttacked, place);
  }

  /**
   * The counts of a first step with the password, which another worker may have handled. Found by the same rules as there, since
   * programs keep nothing but the challenge.
   */
  async function findFirstStep(context: HookContext, { user: { email }, session }: NewSession): Promise<Taken> {
    const device = await devices.find(context, email);
    if (device !== null && (await limitDevice(device, 0)) === null) return [[limitDevice, device]];
    const network = toClientNetwork(context);
    const { account, place } = toKeys(email, network);
    const taken: Taken = [[limitNetwork, place]];
    if ((await limitAccount(account, 0)) === null) taken.push([limitAccount, account]);
    else if (!(await hasSession(email, network, session.id))) taken.push([limitAttacked, place]);
    return taken;
  }

  /** Whether a session of the account, other than a new one, was created in this network. */
  async function hasSession(email: string, network: string, newId?: string): Promise<boolean> {
    const rows = (await store.kysely
      .selectFrom('session')
      .innerJoin('user', 'user.id', 'session.userId')
      .select(['session.id', 'session.ipAddress'])
      .where('user.email', '=', email)
      .where('session.expiresAt', '>', new Date())
      .limit(100)
      .execute()) as { id: string; ipAddress: string | null }[];
    return rows.some(({ id, ipAddress }) => id !== newId && ipAddress && toNetwork(ipAddress) === network);
  }

  return {
    async begin(context) {
      const { body, request } = context as HookContext & { body?: { email?: unknown } };
      const email = typeof body?.email === 'string' ? body.email.toLowerCase() : '';
      const network = toClientNetwork(context);
      const taken: Taken = [];
      const device = await devices.find(context, email);
      if (device !== null && (await limitDevice(device)) === null) taken.push([limitDevice, device]);
      else await countUnknown(email, network, taken);
      if (request) attempts.set(request, taken);
    },
    async succeed(context, newSession) {
      const { email } = newSession.user;
      const { path, request } = context as HookContext & { path?: string };
      const taken = path?.startsWith('/two-factor/')
        ? await findFirstStep(context, newSession)
        : ((request && attempts.get(request)) ?? []);
      await Promise.all(taken.map(([limiter, key]) => limiter(key, -1)));
      await devices.remember(context, email);
    },
  };
}
