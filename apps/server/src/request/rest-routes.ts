type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/** A route of the REST view. */
export interface RestRoute {
  method: Method;
  /** Path below `/api/v1`, with `{id}` in place of an ID. */
  path: string;
  procedure: string;
  /** Status of a response without an error. */
  status: 200 | 201;
}

/** All procedures but the stream, in the order of the reference. */
const table: [path: string, methods: Partial<Record<Method, string>>][] = [
  ['/tasks', { GET: 'task.list', POST: 'task.create' }],
  ['/tasks/{id}', { GET: 'task.get', PATCH: 'task.update', DELETE: 'task.delete' }],
  ['/tasks/count', { GET: 'task.count' }],
  ['/tasks/create-many', { POST: 'task.createMany' }],
  ['/tasks/update-many', { POST: 'task.updateMany' }],
  ['/tasks/delete-many', { POST: 'task.deleteMany' }],
  ['/tasks/reorder', { POST: 'task.reorder' }],
  ['/lists', { GET: 'list.list', POST: 'list.create' }],
  ['/lists/{id}', { PATCH: 'list.update', DELETE: 'list.delete' }],
  ['/lists/{id}/restore', { POST: 'list.restore' }],
  ['/labels', { GET: 'label.list' }],
  ['/labels/rename', { POST: 'label.rename' }],
  ['/trash', { GET: 'trash.list' }],
  ['/trash/restore', { POST: 'trash.restore' }],
  ['/trash/purge', { POST: 'trash.purge' }],
  ['/changes', { GET: 'changes.list' }],
  ['/calendar', { GET: 'calendar.get', POST: 'calendar.create', DELETE: 'calendar.revoke' }],
  ['/user', { GET: 'user.me', PATCH: 'user.update' }],
  ['/user/export', { GET: 'user.export' }],
  ['/user/import', { POST: 'user.import' }],
  ['/user/delete', { POST: 'user.delete' }],
];

/** The first part of each path of the REST view. */
export const restBase = '/api/v1';

const routes = new Map(
  table.map(([path, methods]) => [
    path,
    new Map(
      Object.entries(methods).map(([method, procedure]) => [
        method,
        {
          method: method as Method,
          path,
          procedure,
          status: /\.create(?:Many)?$/.test(procedure) ? 201 : 200,
        } satisfies RestRoute,
      ]),
    ),
  ]),
);

export const restRoutes: readonly RestRoute[] = [...routes.values()].flatMap((methods) => Array.from(methods.values()));

const routesByProcedure = new Map(restRoutes.map((route) => [route.procedure, route]));

/** The route of a procedure. The stream has none. */
export function findRestRoute(procedure: string): RestRoute | undefined {
  return routesByProcedure.get(procedure);
}

/** The routes of one path by method, and the ID in the path. Undefined for an unknown path. */
export interface RestTarget {
  methods: ReadonlyMap<string, RestRoute>;
  /** Undefined if the path has none. */
  id: string | undefined;
}

/** Finds the routes of a path below `/api/v1`. */
export function findRestTarget(path: string): RestTarget | undefined {
  const exact = path.includes('{') ? undefined : routes.get(path);
  if (exact !== undefined) return { methods: exact, id: undefined };
  const [, first, id, ...rest] = path.split('/', 5);
  if (!id) return undefined;
  const methods = routes.get(`/${[first, '{id}', ...rest].join('/')}`);
  return methods && { methods, id: decode(id) };
}

/** A text that cannot be decoded is no ID either, and its call says so. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
