import { randomUUID } from 'node:crypto';
import type { AuthContext, BetterAuthOptions, BetterAuthPlugin } from 'better-auth';
import { APIError, createAuthMiddleware, isAPIError } from 'better-auth/api';
import type { SignUpMails } from './sign-up-mails.ts';

export interface ConfirmationOptions {
  mails: SignUpMails;
  /** Whether a new account can be used only after its address is confirmed. */
  confirmsSignUps: boolean;
}

interface SignUpResponse {
  token: string | null;
  user: { id: string; email: string };
}

type EmailAndPassword = NonNullable<BetterAuthOptions['emailAndPassword']>;

/**
 * New accounts and their mails. With confirmation, neither a sign-up nor a sign-in shows whether an address has an account: someone
 * could create an account and then try its password. So a sign-in with an address that is not confirmed has the response of a wrong
 * password, and the right one sends the link again.
 */
export function createConfirmation({ mails, confirmsSignUps }: ConfirmationOptions) {
  let rows: AuthContext['internalAdapter'];
  const options = confirmsSignUps
    ? {
        requireEmailVerification: true,
        /** As many writes as for a new account, in the same transaction, so that the time is the same. Maintenance removes the rows. */
        async onExistingUserSignUp() {
          for (let row = 1; row <= 2; row += 1) {
            const identifier = `sign-up:${randomUUID()}`;
            await rows.createVerificationValue({ identifier, value: 'taken', expiresAt: new Date() });
          }
        },
      }
    : {};
  const plugin = {
    id: 'confirmation',
    init(context) {
      rows = context.internalAdapter;
    },
    hooks: {
      after: [
        {
          matcher: ({ path }) => path === '/sign-up/email',
          handler: createAuthMiddleware(async ({ body, context }) => {
            const { newSession, returned } = context;
            if (newSession) return mails.welcome(newSession.user);
            const response = returned as SignUpResponse | undefined;
            if (isAPIError(returned) || response?.token !== null) return;
            const { id, email } = response.user;
            mails.confirm(context, { email, password: (body as { password: string }).password, createdId: id });
            throw toConfirmationRequired();
          }),
        },
        {
          matcher: ({ path }) => confirmsSignUps && path === '/sign-in/email',
          handler: createAuthMiddleware(async ({ body, context }) => {
            const code = isAPIError(context.returned) ? context.returned.body?.code : undefined;
            if (code === 'EMAIL_NOT_VERIFIED') mails.remind(context, (body as { email: string }).email.toLowerCase());
            const isRefused = code === 'EMAIL_NOT_VERIFIED' || code === 'INVALID_EMAIL_OR_PASSWORD';
            return isRefused ? refuseSignIn() : undefined;
          }),
        },
      ],
    },
  } satisfies BetterAuthPlugin;
  return { options: options satisfies Partial<EmailAndPassword>, plugin };
}

/** An error, so that apps of earlier versions show its message. They expect a session otherwise. */
function toConfirmationRequired(): APIError {
  const message = 'This server confirms new accounts by mail. Open the link in the mail.';
  return new APIError('FORBIDDEN', { code: 'CONFIRMATION_REQUIRED', message });
}

/** A response, since an error of a hook gets the status of the error that it replaces. */
function refuseSignIn(): Response {
  const message = 'Wrong email address or password, or the address is not confirmed. Open the link in the latest mail.';
  return Response.json({ message, code: 'INVALID_EMAIL_OR_PASSWORD' }, { status: 401 });
}
