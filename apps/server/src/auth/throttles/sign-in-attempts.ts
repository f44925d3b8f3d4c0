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

/** Counts of an attempt, which a right password gives back. */
type Taken = [limiter: Limiter, key: string][];

export interface SignInAttempts {
  /** Counts an attempt before the password is checked. @throws TRPCError TOO_MANY_REQUESTS */
  begin(context: HookContext): Promise<void>;
  /** After the right password: the attempt does not count, and the browser is known from now on. */
  succeed(context: HookContext, email: string): Promise<void>;
}

export interface SignInAttemptsOptions {
  store: AuthStore;
  secret: string;
  createLimiter: CreateLimiter;
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
    // Addresses of people do not belong into the table of counts.
    const account = createHash('sha256').update(email).digest('base64url');
    const place = `${account} ${network}`;
    await assert(limitNetwork, place);
    if ((await limitAccount(account)) === null) taken.push([limitAccount, account]);
    else if (!(await hasSession(email, network))) await assert(limitAttacked, place);
  }

  /** Whether a session of the account was created in this network. */
  async function hasSession(email: string, network: string): Promise<boolean> {
    const rows = (await store.kysely
      .selectFrom('session')
      .innerJoin('user', 'user.id', 'session.userId')
      .select('session.ipAddress')
      .where('user.email', '=', email)
      .where('session.expiresAt', '>', new Date())
      .limit(100)
      .execute()) as { ipAddress: string | null }[];
    return rows.some(({ ipAddress }) => ipAddress && toNetwork(ipAddress) === network);
  }

  return {
    async begin(context) {
      const { body, headers, request } = context as HookContext & { body?: { email?: unknown } };
      const email = typeof body?.email === 'string' ? body.email.toLowerCase() : '';
      const network = toNetwork(headers?.get(clientAddressHeader) ?? '');
      const taken: Taken = [];
      const device = await devices.find(context, email);
      if (device !== null && (await limitDevice(device)) === null) taken.push([limitDevice, device]);
      else await countUnknown(email, network, taken);
      if (request) attempts.set(request, taken);
    },
    async succeed(context, email) {
      const taken = (context.request && attempts.get(context.request)) ?? [];
      await Promise.all(taken.map(([limiter, key]) => limiter(key, -1)));
      await devices.remember(context, email);
    },
  };
}
