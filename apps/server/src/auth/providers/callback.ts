import { DatabaseUnavailableError, StatementTimeoutError } from '@holdfast/db';
import { TRPCError } from '@trpc/server';
import type { Request as ExpressRequest, Response as ExpressResponse } from 'express';

/** Whether a browser comes back from a provider. Unlike calls, it must get a page, also after a failure. */
export const isProviderCallback = ({ path }: Pick<ExpressRequest, 'path'>) => path.startsWith('/api/auth/callback/');

/** A problem of the provider is in the address of the page to which the library redirects. */
export const isRedirect = ({ status }: Response) => status === 302;

const isTemporary = (error: unknown) =>
  error instanceof DatabaseUnavailableError || error instanceof StatementTimeoutError || error instanceof TRPCError;

/** Leads to the form for the sign-in. @throws errors that must be logged. */
export function toFailurePage(
  error: unknown,
  { res, publicUrl }: { res: ExpressResponse; publicUrl: string },
): Response {
  if (!isTemporary(error)) throw error;
  (res.locals.errorCodes ??= new Set()).add('SERVICE_UNAVAILABLE');
  return new Response(null, { status: 302, headers: { location: `${publicUrl}/sign-in?error=unavailable` } });
}
