import { randomUUID } from 'node:crypto';
import { toUserId } from '../identities.ts';
import type { BenchTask, Call } from '../operations.ts';

/** A request without host and headers: a POST of JSON if it has a body, else a GET. */
export interface Request {
  path: string;
  body?: string;
}

/** Writes a contestant's requests and reads its responses. */
export interface Dialect {
  toRequest(call: Call, user: number): Request;
  /** The tasks of a response, in order; an empty array if the task does not exist. */
  toTasks(call: Call, body: unknown): BenchTask[];
  /** The cursor of the next page; null on the last page. */
  toCursor(body: unknown): string | null;
  /** The text by which a failed response with status 200 can be recognized. Null if failures have another status. */
  failureMark: string | null;
}

export type DialectName = keyof typeof dialects;

const get = (path: string, input: unknown, query = ''): Request => ({
  path: `/trpc/${path}?${query}input=${encodeURIComponent(JSON.stringify(input))}`,
});

/** tRPC over GET and POST. `wrap` and `unwrap` serialize and deserialize as the data transformer does. */
function createTrpc(wrap: (value: object) => unknown, unwrap: (value: unknown) => unknown): Dialect {
  const post = (path: string, input: object) => ({ path: `/trpc/${path}`, body: JSON.stringify(wrap(input)) });
  const read = (body: unknown) => unwrap((body as { result?: { data: unknown } }).result?.data);
  return {
    failureMark: null,
    toRequest(call) {
      const { operation, ...input } = call;
      switch (call.operation) {
        case 'list':
        case 'get':
          return get(`task.${operation}`, wrap(input));
        case 'changes':
          return get('changes.list', wrap(input));
        case 'batch': {
          const inputs = Object.fromEntries(call.ids.map((id, at) => [at, wrap({ id })]));
          return get(call.ids.map(() => 'task.get').join(','), inputs, 'batch=1&');
        }
        default:
          return post(`task.${operation}`, input);
      }
    },
    toTasks(call, body) {
      if (call.operation === 'list') return (read(body) as { items: BenchTask[] }).items;
      if (call.operation === 'batch') return (body as unknown[]).map((one) => read(one) as BenchTask);
      const task = read(body) as BenchTask | undefined;
      return task === undefined ? [] : [task];
    },
    toCursor: (body) => (read(body) as { nextCursor: string | null }).nextCursor,
  };
}

const taskFields = 'id: rowId title description completed completedAt createdAt updatedAt version';

const listQuery = `query List($limit: Int!) { allTasks(first: $limit, orderBy: [CREATED_AT_DESC, ROW_ID_DESC]) { nodes { ${taskFields} } pageInfo { hasNextPage endCursor } } }`;
const getQuery = `query Get($userId: UUID!, $id: UUID!) { task: taskByUserIdAndRowId(userId: $userId, rowId: $id) { ${taskFields} } }`;
const batchQuery = (count: number) => {
  const each = Array.from({ length: count }, (_, at) => at);
  const names = each.map((at) => `$id${at}: UUID!`).join(', ');
  const gets = each.map((at) => `t${at}: taskByUserIdAndRowId(userId: $userId, rowId: $id${at}) { ...fields }`);
  return `query Batch($userId: UUID!, ${names}) { ${gets.join(' ')} } fragment fields on Task { ${taskFields} }`;
};
const tenQuery = batchQuery(10);
const updateQuery = `mutation Update($input: UpdateTaskByUserIdAndRowIdInput!) { payload: updateTaskByUserIdAndRowId(input: $input) { task { ${taskFields} } } }`;
const createQuery = `mutation Create($input: CreateTaskInput!) { payload: createTask(input: $input) { task { ${taskFields} } } }`;
const deleteQuery = `mutation Delete($input: DeleteTaskByUserIdAndRowIdInput!) { payload: deleteTaskByUserIdAndRowId(input: $input) { task { id: rowId } } }`;

const toGraphqlRequest = (query: string, variables: object): Request => ({
  path: '/graphql',
  body: JSON.stringify({ query, variables }),
});

interface GraphqlData {
  task?: BenchTask | null;
  allTasks?: { nodes: BenchTask[] };
  payload?: { task: BenchTask } | null;
}

/** The schema that PostGraphile generates from the tables with its default settings. */
function createGraphql(): Dialect {
  return {
    failureMark: '"errors"',
    toRequest(call, user) {
      const userId = toUserId(user);
      switch (call.operation) {
        case 'list':
          return toGraphqlRequest(listQuery, { limit: call.limit });
        case 'get':
          return toGraphqlRequest(getQuery, { userId, id: call.id });
        case 'batch': {
          const ids = Object.fromEntries(call.ids.map((id, at) => [`id${at}`, id]));
          return toGraphqlRequest(call.ids.length === 10 ? tenQuery : batchQuery(call.ids.length), { userId, ...ids });
        }
        case 'update': {
          const taskPatch = { title: call.title, updatedAt: new Date().toISOString() };
          return toGraphqlRequest(updateQuery, { input: { userId, rowId: call.id, taskPatch } });
        }
        case 'create':
          return toGraphqlRequest(createQuery, { input: { task: { userId, rowId: randomUUID(), title: call.title } } });
        case 'delete':
          return toGraphqlRequest(deleteQuery, { input: { userId, rowId: call.id } });
        default:
          throw new Error(`PostGraphile has no ${call.operation}.`);
      }
    },
    toTasks(call, body) {
      const data = (body as { data: GraphqlData }).data;
      if (call.operation === 'list') return data.allTasks!.nodes;
      if (call.operation === 'batch') return Object.values(data) as BenchTask[];
      return [data.task, data.payload?.task].filter((task) => task !== undefined && task !== null);
    },
    toCursor: () => null,
  };
}

export const dialects = {
  trpc: createTrpc(
    (value) => value,
    (value) => value,
  ),
  superjson: createTrpc(
    (value) => ({ json: value }),
    (value) => (value as { json: unknown } | undefined)?.json,
  ),
  graphql: createGraphql(),
};
