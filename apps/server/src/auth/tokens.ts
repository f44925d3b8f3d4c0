import type { Caller } from '@holdfast/api';
import { DatabaseUnavailableError, isStorableText } from '@holdfast/db';
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { v5 } from 'uuid';

/** Asymmetric algorithms only. With HMAC, an attacker could sign tokens with the public key. */
const algorithms = [
  'EdDSA',
  'Ed25519',
  'ES256',
  'ES384',
  'ES512',
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
];

export interface TokenOptions {
  issuer: string;
  audience: string;
  keys: JWTVerifyGetKey;
}

/** The issuer's keys cannot be loaded, so no token can be checked. */
export class KeysUnavailableError extends Error {
  override readonly name = 'KeysUnavailableError';
  readonly code = 'KEYS_UNAVAILABLE';
  readonly retryAfterMs = 1000;
}

export interface VerifiedToken {
  caller: Caller;
  /** Milliseconds since 1970. */
  expiresAt: number;
}

/** Returns the caller that a JWT belongs to, or null if the token is not valid. */
export type VerifyToken = (token: string) => Promise<VerifiedToken | null>;

/**
 * Creates a function that verifies tokens.
 *
 * @throws (when called) KeysUnavailableError or DatabaseUnavailableError if the issuer's keys cannot be loaded.
 */
export function createVerifyToken({ issuer, audience, keys }: TokenOptions): VerifyToken {
  const rules = { issuer, audience, algorithms, requiredClaims: ['sub', 'exp', 'iss', 'aud'] };
  return async (token) => {
    // Decoding ignores some bits of a signature's last character, so several spellings decode to the same bytes.
    const signature = token.slice(token.lastIndexOf('.') + 1);
    if (Buffer.from(signature, 'base64url').toString('base64url') !== signature) return null;
    try {
      const { payload } = await jwtVerify(token, withUnavailableError(keys), rules);
      if (typeof payload.sub !== 'string' || payload.sub === '') return null;
      const profile = { email: toText(payload['email'], 254), name: toText(payload['name'], 200) };
      const caller = { userId: toUserId(issuer, payload.sub), profile };
      return { caller, expiresAt: payload.exp! * 1000 };
    } catch (error) {
      if (error instanceof errors.JOSEError) return null;
      throw error;
    }
  };
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The subject if it is a UUID, otherwise the UUIDv5 of the subject in the issuer's namespace. */
function toUserId(issuer: string, subject: string): string {
  return uuid.test(subject) ? subject.toLowerCase() : v5(subject, v5(issuer, v5.URL));
}

/** The claim if it can be stored, otherwise null. An external issuer can put any value into its tokens. */
function toText(claim: unknown, max: number): string | null {
  return typeof claim === 'string' && claim.length <= max && isStorableText(claim) ? claim : null;
}

/** Errors of the key set concern the token and pass through. All others mean that the keys could not be loaded. */
function withUnavailableError(keys: JWTVerifyGetKey): JWTVerifyGetKey {
  const tokenErrors = [errors.JWKSNoMatchingKey, errors.JWKSMultipleMatchingKeys, errors.JOSENotSupported];
  return async (header, token) => {
    try {
      return await keys(header, token);
    } catch (cause) {
      if (tokenErrors.some((type) => cause instanceof type) || cause instanceof DatabaseUnavailableError) throw cause;
      throw new KeysUnavailableError('The keys of the token issuer are unavailable. Try again later.', { cause });
    }
  };
}

const reloadIntervalMs = 5000;

/** Loads keys at first use, and again if a token names an unknown key, at most every five seconds. */
export function createCachedKeys(load: () => Promise<JSONWebKeySet>): JWTVerifyGetKey {
  let loading: Promise<JWTVerifyGetKey> | undefined;
  let loadedAt = 0;

  function reload() {
    loadedAt = Date.now();
    const current = load().then(createLocalJWKSet);
    // After a failure, the next token loads the keys again.
    current.catch(() => (loading = loading === current ? undefined : loading));
    return (loading = current);
  }

  return async (header, token) => {
    try {
      return await (
        await (loading ?? reload())
      )(header, token);
    } catch (error) {
      const isUnknown = error instanceof errors.JWKSNoMatchingKey && Date.now() - loadedAt >= reloadIntervalMs;
      if (!isUnknown) throw error;
      return (await reload())(header, token);
    }
  };
}
