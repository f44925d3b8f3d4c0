import type { JsonSchema } from './schemas.ts';

// Better Auth has no schemas of its responses. test/rest/openapi.test.ts compares this page with real responses.

interface SignInRoute {
  summary: string;
  /** Fields of the body, those with `?` optional. */
  body?: Record<string, JsonSchema>;
  /** Schema of the response. */
  result: JsonSchema;
  isPublic?: true;
}

const text = (description: string, more: JsonSchema = {}): JsonSchema => ({ type: 'string', description, ...more });
const object = (fields: Record<string, JsonSchema>): JsonSchema => ({
  type: 'object',
  properties: Object.fromEntries(Object.entries(fields).map(([name, field]) => [name.replace('?', ''), field])),
  ...(Object.keys(fields).some((name) => !name.endsWith('?')) && {
    required: Object.keys(fields).filter((name) => !name.endsWith('?')),
  }),
});

const email = text('Email address.', { format: 'email', maxLength: 254, examples: ['ada@example.com'] });
const password = text('8 to 128 characters.', { format: 'password', minLength: 8, maxLength: 128 });
const given = text('Password of the account.', { format: 'password', maxLength: 128 });
const givenIfAny: JsonSchema = { ...given, description: 'Required if the account has one.' };
const name = text('Name of the user.', { examples: ['Ada'] });
const session = text('Session token. It is a bearer token, for as long as the session lasts.');
const user = object({
  id: text('UUID of the user.', { format: 'uuid' }),
  email,
  name,
  emailVerified: { type: 'boolean', description: 'True if the user has confirmed the address.' },
});
const done = object({ status: { type: 'boolean', const: true } });
const signedIn = object({ token: session, user });
const sessionId = text('UUID of the session.', { format: 'uuid' });

const apiToken = {
  id: text('UUID of the token.', { format: 'uuid' }),
  name: text('Name from the user.', { minLength: 1, maxLength: 100, examples: ['Backup script'] }),
  scope: text('`read` can call only queries.', { enum: ['read', 'write'] }),
};

const code = text('Six digits of the authenticator app, or a backup code.', { maxLength: 50, examples: ['123456'] });
const backupCodes: JsonSchema = { type: 'array', items: text('Works once.', { examples: ['aB3dE-fG7hJ'] }) };
const secondStep = {
  challenge: text('`challenge` of the error `TWO_FACTOR_REQUIRED` of a sign-in.', { maxLength: 300 }),
  code,
  'trustDevice?': { type: 'boolean', description: 'True: this browser needs no code for 30 days.' },
};

export const signInRoutes: Record<string, SignInRoute> = {
  'POST sign-up/email': {
    summary: 'Create an account',
    body: { email, password, name },
    result: signedIn,
    isPublic: true,
  },
  'POST sign-in/email': { summary: 'Sign in', body: { email, password: given }, result: signedIn, isPublic: true },
  'GET token': {
    summary: 'Get an API token for 15 minutes',
    result: object({ token: text('JWT. Send it as the bearer token of calls.') }),
  },
  'POST sign-out': {
    summary: 'End the session',
    body: {},
    result: object({ success: { type: 'boolean' } }),
    isPublic: true,
  },
  'GET get-session': {
    summary: 'Get the session and its user, or null',
    result: { anyOf: [object({ session: object({ id: sessionId }), user }), { type: 'null' }] },
    isPublic: true,
  },
  'GET list-sessions': {
    summary: 'List the sessions of the user',
    result: {
      type: 'array',
      items: object({
        id: sessionId,
        createdAt: text('Time of the sign-in.', { format: 'date-time' }),
        updatedAt: text('Time of the last renewal.', { format: 'date-time' }),
        expiresAt: text('Time at which the session ends.', { format: 'date-time' }),
        ipAddress: { type: ['string', 'null'], description: 'Address of the client at the sign-in.' },
        userAgent: { type: ['string', 'null'], description: 'Program of the client.' },
        isCurrent: { type: 'boolean', description: 'Whether this request belongs to the session.' },
      }),
    },
  },
  'POST revoke-session': { summary: 'End one session', body: { id: sessionId }, result: done },
  'POST revoke-other-sessions': { summary: 'End all other sessions', body: {}, result: done },
  'POST revoke-sessions': { summary: 'End all sessions', body: {}, result: done },
  'POST create-token': {
    summary: 'Create a personal access token',
    body: {
      name: apiToken.name,
      scope: apiToken.scope,
      'expiresInDays?': {
        type: ['integer', 'null'],
        minimum: 1,
        maximum: 3650,
        description: 'Default or null: no end.',
      },
      'password?': { ...given, description: 'Password of the account. Required with the cookie.' },
    },
    result: object({
      ...apiToken,
      token: text('The token, which no other response contains.', { examples: ['hf_…'] }),
    }),
  },
  'GET list-tokens': {
    summary: 'List the personal access tokens',
    result: { type: 'array', items: object(apiToken) },
  },
  'POST revoke-token': { summary: 'End a personal access token', body: { id: apiToken.id }, result: done },
  'GET account': {
    summary: 'Get what the account can do',
    result: object({
      hasMail: { type: 'boolean', description: 'Whether the server sends mails.' },
      emailVerified: { type: ['boolean', 'null'], description: 'Null without a session.' },
      providers: {
        type: 'array',
        items: { enum: ['google', 'github'] },
        description: 'Services with which users can sign in.',
      },
      hasPassword: { type: ['boolean', 'null'], description: 'Null without a session.' },
      hasTwoFactor: {
        type: ['boolean', 'null'],
        description: 'Whether a sign-in with the password needs a code. Null without a session.',
      },
    }),
    isPublic: true,
  },
  'POST update-user': { summary: 'Change the name', body: { name }, result: done },
  'POST change-password': {
    summary: 'Change the password',
    body: {
      currentPassword: given,
      newPassword: password,
      'revokeOtherSessions?': { type: 'boolean', description: 'True ends the other sessions.' },
    },
    result: object({
      token: { type: ['string', 'null'], description: 'Token of the new session, if there is one.' },
      user,
    }),
  },
  'POST change-email': {
    summary: 'Send a link to a new email address',
    body: { newEmail: email, 'password?': givenIfAny },
    result: done,
  },
  'POST send-verification-email': { summary: 'Send a link that confirms the address', body: {}, result: done },
  'POST verify-email': {
    summary: 'Confirm an email address',
    body: { token: text('Token of the link.', { maxLength: 200 }) },
    result: object({ status: { type: 'boolean', const: true }, email }),
    isPublic: true,
  },
  'POST two-factor/enable': {
    summary: 'Create a second factor',
    body: { password: given },
    result: object({
      method: { const: 'totp' },
      totpURI: text('`otpauth:` URL with the secret, for a QR code.'),
      backupCodes,
    }),
  },
  'POST two-factor/confirm': { summary: 'Turn the second factor on', body: { code }, result: done },
  'POST two-factor/disable': {
    summary: 'Turn the second factor off',
    body: { 'password?': givenIfAny },
    result: done,
  },
  'POST two-factor/generate-backup-codes': {
    summary: 'Replace the backup codes',
    body: { password: given },
    result: object({ status: { type: 'boolean', const: true }, backupCodes }),
  },
  'POST two-factor/verify-totp': {
    summary: 'Finish a sign-in with a code',
    body: secondStep,
    result: signedIn,
    isPublic: true,
  },
  'POST two-factor/verify-backup-code': {
    summary: 'Finish a sign-in with a backup code',
    body: secondStep,
    result: signedIn,
    isPublic: true,
  },
  'POST request-password-reset': {
    summary: 'Send a link for a new password',
    body: { email },
    result: done,
    isPublic: true,
  },
  'POST reset-password': {
    summary: 'Set a new password with a link',
    body: { token: text('Token of the link.', { maxLength: 200 }), newPassword: password },
    result: done,
    isPublic: true,
  },
  'GET jwks': {
    summary: 'Get the keys that verify API tokens',
    result: object({ keys: { type: 'array', items: { type: 'object' } } }),
    isPublic: true,
  },
  'GET ok': { summary: 'Check that the sign-in works', result: object({ ok: { type: 'boolean' } }), isPublic: true },
};

const signInError = object({ code: text('Name of the error.'), message: text('Text for people.') });
const isObject = { type: 'object' };

const toResponse = (description: string, schema: JsonSchema) => ({
  description,
  content: { 'application/json': { schema } },
});

/** The sign-in routes of the document. */
export function createSignInPaths(): Record<string, object> {
  const paths: Record<string, Record<string, object>> = {};
  for (const [route, { summary, body, result, isPublic }] of Object.entries(signInRoutes)) {
    const [method, path] = route.split(' ') as [string, string];
    const schema = body === undefined ? undefined : Object.keys(body).length > 0 ? object(body) : isObject;
    const refused = toResponse('The input is wrong, or the sign-in was refused.', signInError);
    (paths[`/api/auth/${path}`] ??= {})[method.toLowerCase()] = {
      operationId: `auth.${path.replaceAll(/[/-](\w)/g, (_, letter: string) => letter.toUpperCase())}`,
      tags: ['Sign-in'],
      summary,
      security: isPublic ? [{}] : [{ session: [] }, { cookie: [] }],
      ...(schema && { requestBody: { required: true, content: { 'application/json': { schema } } } }),
      responses: {
        200: toResponse('Success.', result),
        400: refused,
        401: refused,
        403: refused,
        422: refused,
        429: { $ref: '#/components/responses/TooManyRequests' },
        500: { $ref: '#/components/responses/InternalServerError' },
        503: { $ref: '#/components/responses/ServiceUnavailable' },
      },
    };
  }
  return paths;
}
