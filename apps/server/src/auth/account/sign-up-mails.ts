import { addPasswordLink, type AuthStore } from '@holdfast/db';
import type { AuthContext } from 'better-auth';
import type { Mail } from '../../mail/mail-queue.ts';
import type { Mailer } from '../../mail/mailer.ts';
import type { CreateLimiter } from '../../rate-limit.ts';
import { findPasswordHash } from '../password.ts';
import { addEmailLink, endEmailLinks, isContested, markContested } from './links.ts';
import { mailLimit, toMailboxKey } from './mailbox.ts';
import { toFinishMail, toTakenSignUpMail, toVerificationMail } from './mails.ts';

export interface SignUpMailsOptions {
  store: AuthStore;
  /** Null if the server sends no mail. */
  mailer: Mailer | null;
  publicUrl: string;
  createLimiter: CreateLimiter;
}

/** The parts of the library's context that find an account and check its password. */
type Accounts = Pick<AuthContext, 'internalAdapter' | 'password'>;

interface Person {
  id: string;
  email: string;
}

interface SignUp {
  email: string;
  password: string;
  /** The ID in the response of the library. No account has it if the address had one before. */
  createdId: string;
}

/** The mails of new accounts. What they depend on is found in the background, so that no response does. */
export interface SignUpMails {
  /** Asks a new user, who is signed in, to confirm the address. */
  welcome(user: Person): void;
  /** Sends the mail with which a sign-up goes on, or which says that the address has an account. */
  confirm(accounts: Accounts, signUp: SignUp): void;
  /** Sends the link again after the right password, if the address is not confirmed. */
  remind(accounts: Accounts, email: string): void;
}

export function createSignUpMails({ store, mailer, publicUrl, createLimiter }: SignUpMailsOptions): SignUpMails {
  const limit = createLimiter({ name: 'sign-up mails', ...mailLimit });

  /** Once the account exists, a full queue must not fail the request. The user can request another mail. */
  function add(to: string, compose: () => Promise<Mail | null>): void {
    try {
      mailer?.add('email verification', async () => ((await limit(toMailboxKey(to))) === null ? compose() : null));
    } catch {
      // As above.
    }
  }

  async function toLink({ id: userId, email: to }: Person): Promise<Mail | null> {
    const token = await addEmailLink(store, { userId, email: to });
    return token === null ? null : toVerificationMail({ publicUrl, to, token });
  }

  /**
   * Who has created the account may be another person, whose password a link for the address would confirm. From now on, the owner of
   * the mailbox chooses a new one instead.
   */
  async function toNewPassword({ id, email: to }: Person): Promise<Mail | null> {
    await endEmailLinks(store, id);
    const token = await addPasswordLink(store, id);
    return token === null ? null : toFinishMail({ publicUrl, to, token });
  }

  return {
    welcome(user) {
      // Without an SMTP server, the log gets only mails that someone requests.
      if (mailer?.isDelivered) add(user.email, () => toLink(user));
    },
    confirm({ internalAdapter: rows, password: hashes }, { email, password, createdId }) {
      add(email, async () => {
        const user = (await rows.findUserByEmail(email))?.user;
        if (user === undefined) return null;
        if (user.emailVerified) return toTakenSignUpMail({ publicUrl, to: email });
        if (user.id === createdId) return toLink(user);
        if (await isContested(rows, user.id)) return toNewPassword(user);
        const hash = await findPasswordHash(rows, user.id);
        if (hash !== undefined && (await hashes.verify({ hash, password }))) return toLink(user);
        await markContested(rows, user.id);
        return toNewPassword(user);
      });
    },
    remind({ internalAdapter: rows }, email) {
      add(email, async () => {
        const user = (await rows.findUserByEmail(email))?.user;
        if (user === undefined || user.emailVerified) return null;
        return (await isContested(rows, user.id)) ? toNewPassword(user) : toLink(user);
      });
    },
  };
}
