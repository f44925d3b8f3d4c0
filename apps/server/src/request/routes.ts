import { appRouter } from '@holdfast/api';
import { batchMax } from './limits.ts';
import { findRestTarget, restBase } from './rest-routes.ts';

/** The name of unknown procedures in logs and metrics, since callers can make up any number of names. */
export const unknownProcedure = 'unknown';

/** The router's procedures with their types: `query`, `mutation` or `subscription`. */
export const procedures = new Map(
  Object.entries(appRouter._def.procedures as unknown as Record<string, { _def: { type: string } }>).map(
    ([name, { _def }]) => [name, _def.type],
  ),
);

/** The procedure's name for logs and metrics. */
export function toProcedure(path: string | undefined): string {
  return path !== undefined && procedures.has(path) ? path : unknownProcedure;
}

/** The procedure of each call in a request. A batch that is too large counts as one unknown procedure. */
export function toProcedures(path: string, method: string): string[] {
  if (path.startsWith(`${restBase}/`)) {
    const route = findRestTarget(path.slice(restBase.length))?.methods.get(method === 'HEAD' ? 'GET' : method);
    return route === undefined ? [] : [route.procedure];
  }
  if (!path.startsWith('/trpc/')) return [];
  const calls = path
    .slice('/trpc/'.length)
    .replaceAll(/%2c/gi, ',')
    .split(',', batchMax + 1);
  return calls.length > batchMax ? [unknownProcedure] : calls.map(toProcedure);
}

/** The paths of streams, whose requests last as long as the client listens. */
const streamPaths = new Set(
  [...procedures].filter(([, type]) => type === 'subscription').map(([name]) => `/trpc/${name}`),
);

/** Whether a request for this path, with or without a query, is for a stream. */
export const isStreamTarget = (target: string) => streamPaths.has(target.split('?', 1)[0]!);

/** The kinds of routes in logs, metrics and traces. */
export const routeNames = [
  'trpc',
  'stream',
  'rest',
  'mcp',
  'auth',
  'livez',
  'readyz',
  'metrics',
  'calendar',
  'web',
  'other',
] as const;

export type Route = (typeof routeNames)[number];

/** The path for assistants. */
export const mcpPath = '/mcp';

const routes: Record<string, Route> = {
  [mcpPath]: 'mcp',
  '/livez': 'livez',
  '/readyz': 'readyz',
  '/metrics': 'metrics',
};

/** The pages of the web app. */
const page =
  /^(\/(?:inbox|today|upcoming|lists|labels|search|completed|trash|settings|sign-(?:in|up)|(?:forgot|reset)-password|verify-email))(?:\/.*)?$/is;

/** Its files, `GET /` and the reference of the API. */
const webFile = /^\/(?:$|docs$|assets\/|[\w.-]+\.(?:html|ico|js|png|svg|webmanifest)$)/;

/** Express ignores the case of paths. */
const calendar = /^\/calendar\//i;
const anyCalendar = /(\/calendar\/).*/is;

export function toRoute(path: string): Route {
  if (path.startsWith('/trpc/')) return streamPaths.has(path) ? 'stream' : 'trpc';
  if (path.startsWith('/api/auth/')) return 'auth';
  if (path.startsWith(`${restBase}/`)) return 'rest';
  if (calendar.test(path)) return 'calendar';
  return routes[path] ?? (webFile.test(path) || page.test(path) ? 'web' : 'other');
}

/** The path for logs. Paths of pages contain the names of users' labels, and those of calendars a secret, also below a wrong path. */
export function toLoggedPath(path: string): string {
  return path.replace(page, '$1').replace(anyCalendar, '$1');
}

/** Whether monitoring systems request the route at short intervals. */
export function isProbe(route: Route): boolean {
  return route === 'livez' || route === 'readyz' || route === 'metrics';
}
