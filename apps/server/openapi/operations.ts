import { restBase, type RestRoute, restRoutes } from '../src/request/rest-routes.ts';
import { type Parameter, findRestInput } from '../src/rest/input.ts';
import { toCodes, toErrorResponses } from './errors.ts';
import { addBody, type JsonSchema, procedures, readInput, readOutput, resolve } from './schemas.ts';

/** By the name of the router. */
export const tags: Record<string, { name: string; description: string }> = {
  task: { name: 'Tasks', description: 'One task, pages of tasks, and up to 500 tasks at a time.' },
  list: { name: 'Lists', description: 'Lists of tasks. A task without a list is in the inbox.' },
  label: { name: 'Labels', description: 'All labels of the tasks.' },
  trash: { name: 'Trash', description: 'Deleted tasks, which can come back.' },
  changes: {
    name: 'Changes',
    description: 'All data of the user, and then each change of it, for copies that stay complete.',
  },
  calendar: { name: 'Calendar', description: 'The secret URL with which calendar apps show the due tasks.' },
  user: { name: 'User', description: 'The signed-in user, and all data of the user.' },
};

const summaries: Record<string, string> = {
  'task.list': 'List tasks',
  'task.create': 'Create a task',
  'task.get': 'Get a task',
  'task.update': 'Change a task',
  'task.delete': 'Move a task to the trash',
  'task.count': 'Count tasks',
  'task.createMany': 'Create up to 500 tasks',
  'task.updateMany': 'Change up to 500 tasks',
  'task.deleteMany': 'Move up to 500 tasks to the trash',
  'task.reorder': 'Set the manual order of tasks',
  'list.list': 'List all lists',
  'list.create': 'Create a list',
  'list.update': 'Change, archive or reopen a list',
  'list.delete': 'Move a list to the trash',
  'list.restore': 'Restore a list from the trash',
  'label.list': 'List all labels',
  'label.rename': 'Rename a label on all tasks',
  'trash.list': 'List tasks in the trash',
  'trash.restore': 'Restore tasks from the trash',
  'trash.purge': 'Remove tasks from the trash for good',
  'changes.list': 'Copy all data, or read the changes since a cursor',
  'changes.watch': 'Follow changes as a stream of server-sent events',
  'calendar.get': 'Get whether there is a URL of the calendar',
  'calendar.create': 'Create the URL of the calendar',
  'calendar.revoke': 'End the URL of the calendar',
  'user.me': 'Get the user',
  'user.update': 'Change the name or the time zone',
  'user.export': 'Export all data',
  'user.import': 'Import data',
  'user.delete': 'Delete the account and all data',
};

function describe(procedure: string) {
  const summary = summaries[procedure];
  if (summary === undefined) throw new Error(`${procedure} has no summary. Add one.`);
  return { tags: [tags[procedure.split('.')[0]!]!.name], summary };
}

/** The field of an input at the path of a parameter. */
function findField(input: JsonSchema, [name, ...rest]: string[]): JsonSchema {
  const field = input.properties![name!]!;
  return rest.length === 0 ? field : findField(resolve(field), rest);
}

const idParameter = (text: string) => ({
  name: 'id',
  in: 'path',
  required: true,
  description: text,
  schema: { type: 'string', format: 'uuid' },
});

function toQueryParameter([name, { path }]: [string, Parameter], input: JsonSchema) {
  const { description, ...schema } = findField(input, path);
  return { name, in: 'query', ...(description !== undefined && { description }), schema };
}

const toContent = (schema: JsonSchema) => ({ 'application/json': { schema } });

function toRestOperation(route: RestRoute) {
  const { procedure, method, path, status } = route;
  const input = readInput(procedure);
  const { parameters, versionField, keyField } = findRestInput(procedure)!;
  const hasId = path.includes('{id}');
  const fields = input?.schema.properties ?? {};
  const taken = [hasId ? 'id' : '', versionField ?? '', keyField === 'operationId' ? keyField : ''];
  const hasBody =
    (method === 'POST' || method === 'PATCH') && Object.keys(fields).some((name) => !taken.includes(name));
  const { typeName } = input ?? {};
  const body =
    hasBody && typeName !== undefined
      ? addBody(toBodyName(typeName, taken, fields), { schema: input!.schema, without: taken })
      : undefined;
  const output = readOutput(procedure);
  const hasVersion = /\/(?:Task|List)$/.test(output.$ref!);
  const text = input?.schema.description;
  return {
    operationId: procedure.replace('.', '_'),
    ...describe(procedure),
    ...(text !== undefined && !hasBody && { description: text }),
    parameters: [
      ...(hasId ? [idParameter(fields['id']!.description!)] : []),
      ...[...parameters].map((parameter) => toQueryParameter(parameter, input!.schema)),
      ...(versionField ? [{ $ref: '#/components/parameters/IfMatch' }] : []),
      ...(keyField
        ? [{ $ref: `#/components/parameters/${keyField === 'id' ? 'NewIdempotencyKey' : 'IdempotencyKey'}` }]
        : []),
    ],
    ...(body && {
      requestBody: {
        required: resolve(body).required !== undefined,
        content: toContent(body),
      },
    }),
    responses: {
      [status]: {
        description: 'Success.',
        ...(hasVersion && { headers: { ETag: { $ref: '#/components/headers/ETag' } } }),
        content: toContent(output),
      },
      ...toErrorResponses(toCodes(route, input?.schema ?? null)),
    },
  };
}

/** `UpdateTaskInput` without the fields that the route takes from elsewhere is `UpdateTaskBody`. */
function toBodyName(typeName: string, taken: string[], fields: object): string {
  return taken.some((name) => name in fields) ? typeName.replace(/Input$/, 'Body') : typeName;
}

/** The paths of the REST view. */
export function createRestPaths(): Record<string, object> {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of restRoutes) {
    (paths[restBase + route.path] ??= {})[route.method.toLowerCase()] = toRestOperation(route);
  }
  return paths;
}

/** The paths of the procedures by their names. */
export function createRpcPaths(): Record<string, object> {
  return Object.fromEntries(
    Object.entries(procedures).map(([procedure, { _def }]) => {
      const method = _def.type === 'mutation' ? 'POST' : 'GET';
      const input = readInput(procedure);
      const output = readOutput(procedure);
      const schema =
        input &&
        (input.typeName === undefined ? input.schema : addBody(input.typeName, { schema: input.schema, without: [] }));
      const required = input?.schema.required !== undefined;
      const isStream = _def.type === 'subscription';
      return [
        `/trpc/${procedure}`,
        {
          [method.toLowerCase()]: {
            operationId: `trpc_${procedure.replace('.', '_')}`,
            tags: ['tRPC'],
            summary: procedure,
            description: `${summaries[procedure]}.`,
            ...(schema &&
              method === 'GET' && {
                parameters: [
                  {
                    name: 'input',
                    in: 'query',
                    required,
                    description: 'The input as JSON.',
                    content: toContent(schema),
                  },
                ],
              }),
            ...(schema && method === 'POST' && { requestBody: { required: true, content: toContent(schema) } }),
            responses: {
              200: isStream
                ? { description: 'Events with pages of changes.', content: { 'text/event-stream': { schema: output } } }
                : { description: 'Success.', content: toContent(toRpcResult(output)) },
              ...toErrorResponses(toCodes({ procedure, method }, input?.schema ?? null)),
            },
          },
        },
      ];
    }),
  );
}

const toRpcResult = (data: JsonSchema): JsonSchema => ({
  type: 'object',
  properties: { result: { type: 'object', properties: { data }, required: ['data'] } },
  required: ['result'],
});
