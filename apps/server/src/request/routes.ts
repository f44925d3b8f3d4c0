import { appRouter } from '@holdfast/api';
import { batchMax } from './limits.ts';

/** What stands in logs and metrics for a name that the router does not know: callers can make up any number of them. */
const unknown = 'unknown';

/** The procedures of the router, and whether each reads or writes. */
export const procedures = new Map(
  Object.entries(appRouter._def.procedures as unknown as Record<string, { _def: { type: string } }>).map(
    ([name, { _def }]) => [name, _def.type],
  ),
);

/** The name of a procedure as it may be counted and logged. */
export function toProcedure(path: string | undefined): string {
  return path !== undefined && procedures.has(path) ? path : unknown;
}

/** The procedures that a request's path calls, one for each call as far as a batch goes; none where it calls none. */
export function toProcedures(path: string): string[] {
  if (!path.startsWith('/trpc/')) return [];
  const calls = path
    .slice('/trpc/'.length)
    .replaceAll(/%2c/gi, ',')
    .split(',', batchMax + 1);
  return calls.length > batchMax ? [unknown] : calls.map(toProcedure);
}

/** The kinds of routes there are, for counting. */
export type Route = 'trpc' | 'auth' | 'livez' | 'readyz' | 'metrics' | 'other';

const routes: Record<string, Route> = { '/livez': 'livez', '/readyz': 'readyz', '/metrics': 'metrics' };

export function toRoute(path: string): Route {
  if (path.startsWith('/trpc/')) return 'trpc';
  return path.startsWith('/api/auth/') ? 'auth' : (routes[path] ?? 'other');
}

/** Routes that machines ask again and again. */
export function isProbe(route: Route): boolean {
  return route === 'livez' || route === 'readyz' || route === 'metrics';
}
