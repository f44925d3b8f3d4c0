import { TRPCError } from '@trpc/server';
import type { BetterAuthPlugin } from 'better-auth';
import type { Request } from 'express';
import { hasLongHost } from '../../request/long-host.ts';

/** Refuses the URLs of bodies that have a long host, before the library parses them. */
export const refuseLongHosts = {
  id: 'long-hosts',
  init: ({ isTrustedOrigin }) => ({
    context: {
      isTrustedOrigin(url, settings) {
        return !hasLongHost(url) && isTrustedOrigin.call(this, url, settings);
      },
    },
  }),
} satisfies BetterAuthPlugin;

/** The same for the headers that name the page of a request. @throws TRPCError BAD_REQUEST */
export function assertShortHosts({ headers: { origin, referer } }: Request): void {
  if (!hasLongHost(origin ?? '') && !hasLongHost(referer ?? '')) return;
  throw new TRPCError({ code: 'BAD_REQUEST', message: 'The host in the header origin or referer is too long.' });
}
