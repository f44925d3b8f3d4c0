import { sql } from 'kysely';
import { toNamedError } from '../connection/driver-error.ts';
import type { AuthStore } from './auth-store.ts';

/** The private key is encrypted. */
export interface SigningKey {
  id: string;
  publicKey: string;
  privateKey: string;
  createdAt: Date;
  alg: string | null;
  crv: string | null;
}

export type NewSigningKey = Pick<SigningKey, 'publicKey' | 'privateKey'> & { alg?: string; crv?: string };

/** The key of the advisory lock that a transaction holds while it creates a signing key. */
const signingKeyLock = 7_203_415_119;

const newest = sql<SigningKey>`
select id, "publicKey", "privateKey", "createdAt", alg, crv from auth.jwks
where "expiresAt" is null or "expiresAt" > now() order by "createdAt" desc limit 1`;

/** Returns the key that signs new tokens, or undefined if there is no key. */
export async function findSigningKey({ kysely }: AuthStore): Promise<SigningKey | undefined> {
  try {
    return (await newest.execute(kysely)).rows[0];
  } catch (error) {
    throw toNamedError(error);
  }
}

/** Stores a signing key, unless another caller or server has stored one: then returns that key. */
export function addSigningKey({ kysely }: AuthStore, key: NewSigningKey): Promise<SigningKey> {
  const { publicKey, privateKey, alg = null, crv = null } = key;
  return kysely.transaction().execute(async (transaction) => {
    await sql`select pg_advisory_xact_lock(${sql.lit(signingKeyLock)})`.execute(transaction);
    const [existing] = (await newest.execute(transaction)).rows;
    if (existing !== undefined) return existing;
    const added = await sql<SigningKey>`
insert into auth.jwks ("publicKey", "privateKey", "createdAt", alg, crv)
values (${publicKey}, ${privateKey}, clock_timestamp(), ${alg}, ${crv})
returning id, "publicKey", "privateKey", "createdAt", alg, crv`.execute(transaction);
    return added.rows[0]!;
  });
}
