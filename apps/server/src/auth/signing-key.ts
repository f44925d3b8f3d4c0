import { addSigningKey, type AuthStore, findSigningKey } from '@holdfast/db';
import { symmetricDecrypt } from 'better-auth/crypto';
import type { Jwk } from 'better-auth/plugins';
import { StartError } from '../start-error.ts';

/**
 * Stores new keys for the sign-in library. Without this, each of several requests at once that find no key would store a
 * different one.
 */
export const createKeyAdapter = (store: AuthStore) => ({
  async createJwk({ publicKey, privateKey, alg, crv }: Omit<Jwk, 'id'>): Promise<Jwk> {
    const { id, createdAt, ...key } = await addSigningKey(store, {
      publicKey,
      privateKey,
      ...(alg && { alg }),
      ...(crv && { crv }),
    });
    return { id, createdAt, publicKey: key.publicKey, privateKey: key.privateKey, ...toKeyType(key) };
  },
});

const toKeyType = ({ alg, crv }: { alg: string | null; crv: string | null }) =>
  ({ ...(alg !== null && { alg }), ...(crv !== null && { crv }) }) as Pick<Jwk, 'alg' | 'crv'>;

/**
 * Uses the key that signs tokens, if there is one.
 *
 * @throws StartError if it is encrypted with another secret. No user could get a token.
 */
export async function assertSecret(store: AuthStore, secret: string): Promise<void> {
  const key = await findSigningKey(store);
  if (key === undefined) return;
  try {
    await symmetricDecrypt({ key: secret, data: JSON.parse(key.privateKey) as string });
  } catch (cause) {
    throw new StartError(
      'AUTH_SECRET does not match the keys in auth.jwks. Set the former secret, or follow "Secrets" in docs/operations.md.',
      { cause },
    );
  }
}
