import { AccessRefusedError, type AuthStore, claimIssuer, type IssuerClaim, type Subjects } from '@holdfast/db';
import { StartError } from '../start-error.ts';

/** The user IDs of the built-in sign-in are random UUIDs, whatever its URL is. */
export const builtInIssuer: IssuerClaim = { issuer: 'built-in', usesUuids: true };

/**
 * Asserts that the database contains the users of this issuer, and records the issuer in a new database. Users of two issuers
 * must not share a database: one issuer could name a subject that has the ID of the other issuer's user.
 *
 * @returns How the subjects of the issuer become user IDs.
 * @throws StartError
 */
export async function openIssuer(store: AuthStore, claim: IssuerClaim): Promise<Subjects> {
  const { issuer, subjects } = await claimIssuer(store, claim).catch(rethrow);
  const steps = 'follow "Another issuer" in docs/operations.md';
  if (issuer !== claim.issuer) {
    throw new StartError(`This database contains the users of ${describe(issuer)}. Use that issuer, or ${steps}.`);
  }
  if (subjects === 'derived' && claim.usesUuids) {
    throw new StartError(`The user IDs in this database are derived. Unset AUTH_ISSUER_USES_UUIDS, or ${steps}.`);
  }
  if (subjects === 'uuids' && !claim.usesUuids) {
    throw new StartError(
      `The user IDs in this database are the issuer's. Set AUTH_ISSUER_USES_UUIDS=true, or ${steps}.`,
    );
  }
  return subjects;
}

const describe = (issuer: string) =>
  issuer === builtInIssuer.issuer ? 'the built-in sign-in' : `the issuer ${JSON.stringify(issuer)}`;

function rethrow(cause: unknown): never {
  if (!(cause instanceof AccessRefusedError)) throw cause;
  const message = 'The database user lacks rights on the schema auth. Run the grants in docs/operations.md, "Roles".';
  throw new StartError(message, { cause });
}
