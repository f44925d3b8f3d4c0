import type { AuthStore } from '@holdfast/db';
import type { AuthContext } from 'better-auth';
import { generateRandomString } from 'better-auth/crypto';

/** The library's access to its tables. */
export type Rows = AuthContext['internalAdapter'];

/** The email address that a link confirms, and the user of the account. It can be another address than the current one. */
export interface EmailClaim {
  userId: string;
  email: string;
}

const resetMs = 3_600_000;
const verifyMs = 24 * 3_600_000;

/** Without `-` and `_`, which some mail programs do not count as a part of the link if they are at its end. */
const createToken = () => generateRandomString(32, 'a-z', 'A-Z', '0-9');

/** The library's own route for a new password expects this form. */
const toResetIdentifier = (token: string) => `reset-password:${token}`;

const toEmailIdentifier = (token: string) => `verify-email:${token}`;

/** Creates tokens of links in mails. The database has only hashes of them. Each function returns null if the user is deleted. */
export interface LinkTokens {
  forReset(rows: Rows, userId: string): Promise<string | null>;
  forEmail(rows: Rows, claim: EmailClaim): Promise<string | null>;
}

interface Link {
  userId: string;
  toIdentifier: (token: string) => string;
  value: string;
  lifeMs: number;
}

export function createLinkTokens(store: AuthStore): LinkTokens {
  async function create(rows: Rows, { userId, toIdentifier, value, lifeMs }: Link): Promise<string | null> {
    const token = createToken();
    const expiresAt = new Date(Date.now() + lifeMs);
    await rows.createVerificationValue({ identifier: toIdentifier(token), value, expiresAt });
    // A mail can wait while its user is deleted. Then no link may remain: a deletion has ended only those before it.
    // This waits for a deletion that has begun.
    const user = store.kysely.selectFrom('user').select('id').where('id', '=', userId).forKeyShare();
    if ((await user.executeTakeFirst()) !== undefined) return token;
    await endLinks(store, userId);
    return null;
  }

  return {
    forReset: (rows, userId) =>
      create(rows, { userId, toIdentifier: toResetIdentifier, value: userId, lifeMs: resetMs }),
    forEmail: (rows, { userId, email }) =>
      create(rows, { userId, toIdentifier: toEmailIdentifier, value: `${userId} ${email}`, lifeMs: verifyMs }),
  };
}

/** Returns null if the token is unknown, used or has expired. */
export async function findEmailClaim(rows: Rows, token: string): Promise<EmailClaim | null> {
  const found = await rows.findVerificationValue(toEmailIdentifier(token));
  return found !== null && found.expiresAt > new Date() ? toClaim(found.value) : null;
}

/** Of several calls at once, one gets the claim. */
export async function takeEmailClaim(rows: Rows, token: string): Promise<EmailClaim | null> {
  const taken = await rows.consumeVerificationValue(toEmailIdentifier(token));
  return taken && toClaim(taken.value);
}

function toClaim(value: string): EmailClaim {
  const [userId = '', email = ''] = value.split(' ');
  return { userId, email };
}

/** Ends all links of a user: after the password or the address has changed, former mails must have no effect. */
export async function endLinks({ kysely }: AuthStore, userId: string): Promise<void> {
  await kysely
    .deleteFrom('verification')
    .where((is) => is.or([is('value', '=', userId), is('value', 'like', `${userId} %`)]))
    .execute();
}
