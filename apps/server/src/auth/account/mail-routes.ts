import { addPasswordLink, type AuthStore, isStorableText } from '@holdfast/db';
import {
  APIError,
  createAuthEndpoint,
  getAuthoritativeSessionFromCtx,
  getSessionFromCtx,
  sensitiveSessionMiddleware,
} from 'better-auth/api';
import { z } from 'zod';
import type { Mailer } from '../../mail/mailer.ts';
import { assertWithinLimit, type CreateLimiter } from '../../rate-limit.ts';
import { assertPassword, currentPassword, findPasswordHash } from '../password.ts';
import type { ProviderName } from '../providers/providers.ts';
import type { LimitPasswords } from '../throttles/password-attempts.ts';
import { addEmailLink, endLinks, findEmailClaim, takeEmailClaim } from './links.ts';
import { mailLimit, toMailboxKey } from './mailbox.ts';
import {
  toChangedNotice,
  toChangeMail,
  toChangeNotice,
  toResetMail,
  toTakenMail,
  toVerificationMail,
} from './mails.ts';

export interface MailRoutesOptions {
  store: AuthStore;
  /** Null if the server sends no mail. */
  mailer: Mailer | null;
  publicUrl: string;
  createLimiter: CreateLimiter;
  limitPasswords: LimitPasswords;
  providers: ProviderName[];
}

interface Person {
  id: string;
  email: string;
}

const email = z.email().max(254);
const token = z.string().min(1).max(200).refine(isStorableText);

const tooManyMails = 'Too many mails. Use the last one, or try again later.';

/**
 * The routes that send mails, in place of the library's own. Those send more statements for known addresses before they
 * respond, their links work several times, and the link for another address signs its visitor in.
 */
export function createMailRoutes(options: MailRoutesOptions) {
  const { store, mailer, publicUrl, createLimiter, limitPasswords, providers } = options;
  const limitResets = createLimiter({ name: 'reset mails', ...mailLimit });
  const limitVerifications = createLimiter({ name: 'verification mails', ...mailLimit });
  const limitChanges = createLimiter({ name: 'change mails', ...mailLimit });
  const limitNewAddresses = createLimiter({ name: 'change mails to', ...mailLimit });

  /** @throws APIError */
  function requireMailer(): Mailer {
    if (mailer !== null) return mailer;
    const message = 'This server sends no mail. Ask its operator for help.';
    throw new APIError('BAD_REQUEST', { code: 'MAIL_OFF', message });
  }

  /** Once the account has changed, a full queue must not fail the request. */
  function addIfPossible(...[kind, compose]: Parameters<Mailer['add']>): void {
    try {
      mailer?.add(kind, compose);
    } catch {
      // The user can request another mail.
    }
  }

  const toVerification =
    ({ id: userId, email: to }: Person) =>
    async () => {
      const token = await addEmailLink(store, { userId, email: to });
      return token === null ? null : toVerificationMail({ publicUrl, to, token });
    };

  return {
    account: createAuthEndpoint('/account', { method: 'GET' }, async (context) => {
      const session = await getSessionFromCtx(context);
      return context.json({
        hasMail: mailer !== null,
        providers,
        emailVerified: session?.user.emailVerified ?? null,
        hasTwoFactor: session && session.user['twoFactorEnabled'] === true,
        hasPassword:
          session && (await findPasswordHash(context.context.internalAdapter, session.user.id)) !== undefined,
      });
    }),

    requestPasswordReset: createAuthEndpoint(
      '/request-password-reset',
      { method: 'POST', body: z.object({ email }) },
      async (context) => {
        const { internalAdapter: rows } = context.context;
        const to = context.body.email.toLowerCase();
        const sender = requireMailer();
        const isLimited = (await limitResets(toMailboxKey(to))) !== null;
        // The response must not depend on the account, so everything that does comes later.
        sender.add('password reset', async () => {
          const found = isLimited ? null : await rows.findUserByEmail(to);
          const created = found && (await addPasswordLink(store, found.user.id));
          return created === null ? null : toResetMail({ publicUrl, to, token: created });
        });
        return context.json({ status: true });
      },
    ),

    sendVerificationEmail: createAuthEndpoint(
      '/send-verification-email',
      { method: 'POST', body: z.object({}).optional(), use: [sensitiveSessionMiddleware] },
      async (context) => {
        const { session } = context.context;
        const sender = requireMailer();
        if (session.user.emailVerified) return context.json({ status: true });
        assertWithinLimit(await limitVerifications(toMailboxKey(session.user.email)), tooManyMails);
        sender.add('email verification', toVerification(session.user));
        return context.json({ status: true });
      },
    ),

    changeEmail: createAuthEndpoint(
      '/change-email',
      {
        method: 'POST',
        body: z.object({ newEmail: email, password: currentPassword }),
        use: [sensitiveSessionMiddleware],
      },
      async (context) => {
        const { internalAdapter: rows, session } = context.context;
        const { id: userId, email: current } = session.user;
        const to = context.body.newEmail.toLowerCase();
        const sender = requireMailer();
        await assertPassword(context.context, context.body.password, limitPasswords);
        if (to === current) {
          const message = 'This is your email address already. Use another one.';
          throw new APIError('BAD_REQUEST', { code: 'EMAIL_UNCHANGED', message });
        }
        assertWithinLimit(await limitChanges(toMailboxKey(current)), tooManyMails);
        const isLimited = (await limitNewAddresses(toMailboxKey(to))) !== null;
        sender.add('email change notice', async () => toChangeNotice({ publicUrl, to: current }));
        sender.add('email change', async () => {
          if (isLimited) return null;
          if (await rows.findUserByEmail(to)) return toTakenMail(to);
          const created = await addEmailLink(store, { userId, email: to });
          return created === null ? null : toChangeMail({ publicUrl, to, token: created });
        });
        return context.json({ status: true });
      },
    ),

    verifyEmail: createAuthEndpoint('/verify-email', { method: 'POST', body: z.object({ token }) }, async (context) => {
      const { internalAdapter: rows } = context.context;
      const claim = await findEmailClaim(rows, context.body.token);
      const user = claim && (await rows.findUserById(claim.userId));
      if (!claim || !user) throw toInvalidLink();
      const isChange = user.email !== claim.email;
      if (isChange) {
        // Only the owner of the account may complete a change: the address can be a typing error.
        const session = await getAuthoritativeSessionFromCtx(context);
        if (!session) throw new APIError('UNAUTHORIZED', { code: 'UNAUTHORIZED', message: 'Unauthorized' });
        if (session.user.id !== user.id) throw toOtherAccount();
        if (await rows.findUserByEmail(claim.email)) throw toTaken();
      }
      if (!(await takeEmailClaim(rows, context.body.token))) throw toInvalidLink();
      await rows.updateUser(user.id, { email: claim.email, emailVerified: true });
      if (isChange) {
        await endLinks(store, user.id);
        addIfPossible('email change notice', async () => toChangedNotice(user.email));
      }
      return context.json({ status: true, email: claim.email });
    }),
  };
}

function toInvalidLink(): APIError {
  return new APIError('BAD_REQUEST', { code: 'INVALID_TOKEN', message: 'Invalid token' });
}

function toOtherAccount(): APIError {
  const message = 'The link belongs to another account. Sign in to that account first.';
  return new APIError('FORBIDDEN', { code: 'OTHER_ACCOUNT', message });
}

function toTaken(): APIError {
  const message = 'User already exists. Use another email.';
  return new APIError('UNPROCESSABLE_ENTITY', { code: 'USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL', message });
}
