import { sql } from 'kysely';
import { toNamedError } from '../connection/driver-error.ts';
import type { AuthStore } from './auth-store.ts';

/**
 * How the subjects of an issuer become user IDs. `derived`: always the UUIDv5 of issuer and subject. `uuids`: the subject
 * itself, which must be a UUID. `mixed`: the subject if it is a UUID, otherwise its UUIDv5, as in databases of version 0.1.
 */
export type Subjects = 'derived' | 'uuids' | 'mixed';

export interface IssuerClaim {
  issuer: string;
  /** Whether the operator declares that all subjects of the issuer are UUIDs. */
  usesUuids: boolean;
}

export interface RecordedIssuer {
  issuer: string;
  subjects: Subjects;
}

/**
 * Records the issuer of the user IDs in a database that has none, and returns the recorded one. The first of several servers
 * that start at once decides.
 *
 * @throws DatabaseUnavailableError, and AccessRefusedError if the login lacks privileges.
 */
export async function claimIssuer({ kysely }: AuthStore, claim: IssuerClaim): Promise<RecordedIssuer> {
  const { issuer, usesUuids } = claim;
  const find = async () =>
    (await sql<RecordedIssuer | { issuer: null }>`select issuer, subjects from auth.issuer`.execute(kysely)).rows[0];
  try {
    const found = await find();
    const isDeclared = found?.issuer === issuer && found.subjects === 'mixed' && usesUuids;
    if (found !== undefined && found.issuer !== null && !isDeclared) return found;
    await sql`
insert into auth.issuer (issuer, subjects) values (${issuer}, ${usesUuids ? 'uuids' : 'derived'})
on conflict do nothing`.execute(kysely);
    // A migrated database of version 0.1 has a row without an issuer.
    await sql`
update auth.issuer
set issuer = ${issuer}, subjects = case when ${usesUuids} then 'uuids' else subjects end
where issuer is null or (issuer = ${issuer} and subjects = 'mixed' and ${usesUuids})`.execute(kysely);
    return (await find()) as RecordedIssuer;
  } catch (error) {
    throw toNamedError(error);
  }
}
