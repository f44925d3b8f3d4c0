import type { Logger } from 'pino';
import type { ToShare } from '../peers/place.ts';
import { createMailQueue, type Mail, type MailQueue } from './mail-queue.ts';
import type { SmtpOptions } from './smtp.ts';

export interface Mailer extends MailQueue {
  /** Whether mails reach people. Otherwise, they are written to the log. */
  readonly isDelivered: boolean;
}

export interface MailerOptions {
  /** Undefined without SMTP_URL. */
  smtp: SmtpOptions | undefined;
  isProduction: boolean;
  logger: Logger;
  toShare: ToShare;
}

/** Opens the mailer of the process. Returns null in production without SMTP_URL. */
export async function openMailer({ smtp, isProduction, logger, toShare }: MailerOptions): Promise<Mailer | null> {
  if (smtp !== undefined) {
    const { createSmtp } = await import('./smtp.ts');
    return { isDelivered: true, ...createMailQueue({ deliver: createSmtp(smtp), logger, toShare }) };
  }
  if (isProduction) return null;
  const deliver = async ({ subject, link }: Mail) =>
    logger.info({ subject, ...(link !== undefined && { link }) }, 'mail (SMTP_URL is not set)');
  return { isDelivered: false, ...createMailQueue({ deliver, logger, toShare }) };
}
