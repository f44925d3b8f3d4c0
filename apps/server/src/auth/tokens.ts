import { DatabaseUnavailableError, isStorableText, type Subjects } from '@holdfast/db';
import { errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { v5 } from 'uuid';
import { KeysUnavailableError } from './cached-keys.ts';
import type { RequestCredential } from './ended-access.ts';
import { SignInSetupError } from './sign-in-failure.ts';

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
  /** How the subjects become user IDs. */
  subjects: Subjects;
  /** Whether the claim `sid` is a session in the database. */
  hasSessions: boolean;
}

/** Returns the credential that a JWT is, or null if the token is not valid. */
export type VerifyToken = (token: string) => Promise<RequestCredential | null>;

/**
 * Creates a function that verifies tokens.
 *
 * @throws (when called) KeysUnavailableError or DatabaseUnavailableError if the issuer's keys cannot be loaded.
 */
export function createVerifyToken(options: TokenOptions): VerifyToken {
  const { issuer, audience, keys, hasSessions } = options;
  const rules = { issuer, audience, algorithms, requiredClaims: ['sub', 'exp', 'iss', 'aud'] };
  return async (token) => {
    // Decoding ignores some bits of a signature's last character, so several spellings decode to the same bytes.
    const signature = token.slice(token.lastIndexOf('.') + 1);
    if (Buffer.from(signature, 'base64url').toString('base64url') !== signature) return null;
    try {
      const { payload } = await jwtVerify(token, withUnavailableError(keys), rules);
      const userId = toUserId(options, payload.sub);
      if (userId === null) return null;
      const profile = { email: toText(payload['email'], 254), name: toText(payload['name'], 200) };
      const sessionId = hasSessions ? toSessionId(payload) : null;
      return {
        caller: { userId, profile },
        sessionId,
        streamSessionId: sessionId,
        issuedAt: (payload.iat ?? 0) * 1000,
        expiresAt: payload.exp! * 1000,
      };
    } catch (error) {
      if (error instanceof errors.JOSEError) return null;
      throw error;
    }
  };
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * The user ID of a subject, or null if the issuer cannot have this subject. Subjects that differ have different IDs: without
 * a declaration, a subject that is a UUID could equal the UUIDv5 of another subject.
 */
function toUserId({ issuer, subjects }: TokenOptions, subject: unknown): string | null {
  if (typeof subject !== 'string' || subject === '') return null;
  if (subjects !== 'derived' && uuid.test(subject)) return subject.toLowerCase();
  return subjects === 'uuids' ? null : v5(subject, v5(issuer, v5.URL));
}

/** Tokens of version 0.1 have no session ID. They stay valid for their 15 minutes. */
function toSessionId({ sid }: JWTPayload): string | null {
  return typeof sid === 'string' ? sid : null;
}

/** The claim if it can be stored, otherwise null. An external issuer can put any value into its tokens. */
function toText(claim: unknown, max: number): string | null {
  return typeof claim === 'string' && claim.length <= max && isStorableText(claim) ? claim : null;
}

/** Errors of the key set concern the token and pass through. All others mean that the keys could not be loaded. */
function withUnavailableError(keys: JWTVerifyGetKey): JWTVerifyGetKey {
  const passedOn = [
    errors.JWKSNoMatchingKey,
    errors.JWKSMultipleMatchingKeys,
    errors.JOSENotSupported,
    DatabaseUnavailableError,
    KeysUnavailableError,
    SignInSetupError,
  ];
  return async (header, token) => {
    try {
      return await keys(header, token);
    } catch (cause) {
      if (passedOn.some((type) => cause instanceof type)) throw cause;
      throw new KeysUnavailableError('The keys of the token issuer are unavailable. Try again later.', { cause });
    }
  };
}
