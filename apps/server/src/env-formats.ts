import { statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { assertDatabaseUrl } from '@holdfast/db';
import { z } from 'zod';

// The forms of settings. Their messages follow the name of the setting.

export const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .refine((text) => /^\d{1,9}$/.test(text) && Number(text) >= min && Number(text) <= max, {
      error: `must be a whole number from ${min} to ${max}`,
    })
    .transform(Number);

export const postgresUrl = z.string().superRefine((text, check) => {
  try {
    assertDatabaseUrl(text);
  } catch (error) {
    check.addIssue({ code: 'custom', message: (error as Error).message });
  }
});

/** Whether the path is a folder, or can become one. A missing folder is created at first use. */
function canBeFolder(path: string): boolean {
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    return found?.isDirectory() ?? canBeFolder(dirname(path));
  } catch {
    // No permission, a loop of links, or a name that is too long.
    return false;
  }
}

export const dataFolder = z.string().refine((text) => canBeFolder(resolve(text)), {
  error: 'must be a folder, or a path that does not exist yet',
});

/** Without wildcards: the sign-in library would match them with other origins. */
const originForm = /^https?:\/\/(?:[\w.-]+|\[[\da-f:.]+\])(?::\d+)?$/;
const isOrigin = (text: string) => originForm.test(text) && URL.parse(text)?.origin === text;
export const origin = z
  .string()
  .transform((text) => text.replace(/\/$/, ''))
  .refine(isOrigin, { error: 'must be an origin without a path, such as https://tasks.example.org' });

export const origins = z
  .string()
  .transform((text) => text.split(',').map((item) => item.trim().replace(/\/$/, '')))
  .refine((items) => items.every(isOrigin), {
    error: 'must be origins without wildcards, separated by commas, such as https://app.example.org',
  });

const isSecure = ({ protocol, hostname }: URL) =>
  protocol === 'https:' || (protocol === 'http:' && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname));
export const keysUrl = z.string().refine((text) => URL.canParse(text) && isSecure(new URL(text)), {
  error: 'must be an https URL, since its keys authenticate every user',
});

export const smtpUrl = z.string().refine((text) => isSmtpUrl(URL.parse(text)), {
  error: 'must look like smtp://user:password@host:587 or smtps://user:password@host',
});

/** The only parameter is one of the mail library. */
function isSmtpUrl(url: URL | null): boolean {
  if (url === null || !/^smtps?:$/.test(url.protocol) || url.hostname === '') return false;
  return /^\/?$/.test(url.pathname) && /^(?:\?ignoreTLS=true)?$/.test(url.search) && url.hash === '';
}

/** An address, alone or in angle brackets after a name. */
const senderForm = /^(?:(?:[^<>"@,;]*|"[^"\\]*" *)<[^\s<>@,;]+@[^\s<>@,;]+>|[^\s<>@,;]+@[^\s<>@,;]+)$/;
export const sender = z.string().refine((text) => senderForm.test(text), {
  error: 'must be one address, such as Holdfast <tasks@example.org>',
});

export const httpUrl = z.string().refine((text) => /^https?:$/.test(URL.parse(text)?.protocol ?? ''), {
  error: 'must be an http or https URL',
});

/** The app that is registered at a provider of sign-ins, if both variables are set. */
export const toProviderApp = (clientId?: string, clientSecret?: string) =>
  clientId && clientSecret ? { clientId, clientSecret } : undefined;

/** Problems of the variables for sign-ins with Google and GitHub together with others. */
export function findProviderProblems(env: Record<string, string | undefined>): string[] {
  return ['GOOGLE', 'GITHUB'].flatMap((provider) => {
    const [id, secret] = [`${provider}_CLIENT_ID`, `${provider}_CLIENT_SECRET`];
    if ((env[id] === undefined) !== (env[secret] === undefined)) return `${id} and ${secret} must be set together`;
    if (env[id] === undefined) return [];
    if (env['AUTH_ISSUER'] !== undefined) return `${id} must not be set with AUTH_ISSUER`;
    const isMissing = env['NODE_ENV'] === 'production' && env['PUBLIC_URL'] === undefined;
    return isMissing ? `PUBLIC_URL must be set if ${id} is set, since the provider redirects to it` : [];
  });
}
