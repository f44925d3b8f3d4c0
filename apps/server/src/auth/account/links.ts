import { addLink, type AuthStore } from '@holdfast/db';
import type { AuthContext } from 'better-auth';

/** The library's access to its tables. */
export type Rows = AuthContext['internalAdapter'];

/** The email address that a link confirms, and the user of the account. It can be another address than the current one. */
export interface EmailClaim {
  userId: string;
  email: string;
}

const verifyMs = 24 * 3_600_000;

const emailPrefix = 'verify-email:';

const toEmailIdentifier = (token: string) => emailPrefix + token;

/** Creates the token of a link that confirms an address. Returns null if the user is deleted. */
export function addEmailLink(store: AuthStore, { userId, email }: EmailClaim): Promise<string | null> {
  return addLink(store, { userId, prefix: emailPrefix, value: `${userId} ${email}`, lifeMs: verifyMs });
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

export async function confirmAddress({ kysely }: AuthStore, userId: string): Promise<void> {
  await kysely.updateTable('user').set({ emailVerified: true }).where('id', '=', userId).execute();
}

const contestedPrefix = 'contested:';
const contestedMs = 365 * 24 * 3_600_000;

/** Marks an account that is not confirmed, and for which someone has given another password. A new password by mail removes the mark. */
export async function markContested(rows: Rows, userId: string): Promise<void> {
  const expiresAt = new Date(Date.now() + contestedMs);
  await rows.createVerificationValue({ identifier: contestedPrefix + userId, value: userId, expiresAt });
}

export async function isContested(rows: Rows, userId: string): Promise<boolean> {
  return (await rows.findVerificationValue(contestedPrefix + userId)) !== null;
}

/** Ends the links that confirm an address. Those for a password stay. */
export async function endEmailLinks({ kysely }: AuthStore, userId: string): Promise<void> {
  await kysely.deleteFrom('verification').where('value', 'like', `${userId} %`).execute();
}

/** Ends all links of a user: after the password or the address has changed, former mails must have no effect. */
export async function endLinks({ kysely }: AuthStore, userId: string): Promise<void> {
  await kysely
    .deleteFrom('verification')
    .where((is) => is.or([is('value', '=', userId), is('value', 'like', `${userId} %`)]))
    .execute();
}
