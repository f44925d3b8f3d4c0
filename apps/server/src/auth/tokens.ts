import type { Caller } from '@holdfast/api';
import { DatabaseUnavailableError, isStorableText } from '@holdfast/db';
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { v5 } from 'uuid';

/** Only keys of which the server holds no secret half: with a shared secret its public key would sign tokens. */
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

/** The keys of tokens cannot be fetched, so that nothing can be said about a token. */
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

/** Answers who a token (JWT) belongs to; null for a token that is wrong in any way. */
export type VerifyToken = (token: string) => Promise<VerifiedToken | null>;

/**
 * @throws (when called) KeysUnavailableError, DatabaseUnavailableError when the issuer's keys cannot be had.
 */
export function createVerifyToken({ issuer, audience, keys }: TokenOptions): VerifyToken {
  const rules = { issuer, audience, algorithms, requiredClaims: ['sub', 'exp', 'iss', 'aud'] };
  return async (token) => {
    // The last character of a signature has bits that decoding ignores, so the same token has many spellings.
    const signature = token.slice(token.lastIndexOf('.') + 1);
    if (Buffer.from(signature, 'base64url').toString('base64url') !== signature) return null;
    try {
      const { payload } = await jwtVerify(token, orUnavailable(keys), rules);
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

/** The subject where it is a UUID, else the UUIDv5 of the subject in the issuer's own namespace. */
function toUserId(issuer: string, subject: string): string {
  return uuid.test(subject) ? subject.toLowerCase() : v5(subject, v5(issuer, v5.URL));
}

/** A claim that can be kept: another issuer may put anything into its tokens. */
function toText(claim: unknown, max: number): string | null {
  return typeof claim === 'string' && claim.length <= max && isStorableText(claim) ? claim : null;
}

/** What the key set itself says of a token is about the token; anything else is about the way to the keys. */
function orUnavailable(keys: JWTVerifyGetKey): JWTVerifyGetKey {
  const aboutToken = [errors.JWKSNoMatchingKey, errors.JWKSMultipleMatchingKeys, errors.JOSENotSupported];
  return async (header, token) => {
    try {
      return await keys(header, token);
    } catch (cause) {
      if (aboutToken.some((type) => cause instanceof type) || cause instanceof DatabaseUnavailableError) throw cause;
      throw new KeysUnavailableError('The keys of the issuer of tokens cannot be had.', { cause });
    }
  };
}

const reloadPauseMs = 5000;

/** Keys that are loaded at first need, and again when a token names one that is not among them, but not all the time. */
export function createOwnKeys(load: () => Promise<JSONWebKeySet>): JWTVerifyGetKey {
  let loading: Promise<JWTVerifyGetKey> | undefined;
  let loadedAt = 0;

  function reload() {
    loadedAt = Date.now();
    const current = load().then(createLocalJWKSet);
    // A failure is not kept: the next token tries again.
    current.catch(() => (loading = loading === current ? undefined : loading));
    return (loading = current);
  }

  return async (header, token) => {
    try {
      return await (
        await (loading ?? reload())
      )(header, token);
    } catch (error) {
      const isUnknown = error instanceof errors.JWKSNoMatchingKey && Date.now() - loadedAt >= reloadPauseMs;
      if (!isUnknown) throw error;
      return (await reload())(header, token);
    }
  };
}
