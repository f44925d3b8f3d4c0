import { randomUUID } from 'node:crypto';
import { toUserId } from '../identities.ts';
import type { BenchTask, Call } from '../operations.ts';

/** A request without host and headers; with a body it is a POST of JSON, else a GET. */
export interface Request {
  path: string;
  body?: string;
}

/** How a contestant is asked, and how its answers are read. */
export interface Dialect {
  toRequest(call: Call, user: number): Request;
  /** The tasks in an answer, in order; none for a task that is not there. */
  toTasks(call: Call, answer: unknown): BenchTask[];
  /** Where the next page of a list begins, null at the end. */
  toCursor(answer: unknown): string | null;
  /** What only failed answers with status 200 contain. */
  failureMark: string | null;
}

export type DialectName = keyof typeof dialects;

const get = (path: string, input: unknown, query = ''): Request => ({
  path: `/trpc/${path}?${query}input=${encodeURIComponent(JSON.stringify(input))}`,
});

/** tRPC over GET and POST; `wrap` and `unwrap` are what a data transformer does to a value. */
function createTrpc(wrap: (value: object) => unknown, unwrap: (value: unknown) => unknown): Dialect {
  const post = (path: string, input: object) => ({ path: `/trpc/${path}`, body: JSON.stringify(wrap(input)) });
  const read = (answer: unknown) => unwrap((answer as { result?: { data: unknown } }).result?.data);
  return {
    failureMark: null,
    toRequest(call) {
      const { operation, ...input } = call;
      switch (call.operation) {
        case 'list':
        case 'get':
          return get(`task.${operation}`, wrap(input));
        case 'batch': {
          const inputs = Object.fromEntries(call.ids.map((id, at) => [at, wrap({ id })]));
          return get(call.ids.map(() => 'task.get').join(','), inputs, 'batch=1&');
        }
        default:
          return post(`task.${operation}`, input);
      }
    },
    toTasks(call, answer) {
      if (call.operation === 'list') return (read(answer) as { items: BenchTask[] }).items;
      if (call.operation === 'batch') return (answer as unknown[]).map((one) => read(one) as BenchTask);
      const task = read(answer) as BenchTask | undefined;
      return task === undefined ? [] : [task];
    },
    toCursor: (answer) => (read(answer) as { nextCursor: string | null }).nextCursor,
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
const updateQuery = `mutation Update($input: UpdateTaskByUserIdAndRowIdInput!) { answer: updateTaskByUserIdAndRowId(input: $input) { task { ${taskFields} } } }`;
const createQuery = `mutation Create($input: CreateTaskInput!) { answer: createTask(input: $input) { task { ${taskFields} } } }`;
const deleteQuery = `mutation Delete($input: DeleteTaskByUserIdAndRowIdInput!) { answer: deleteTaskByUserIdAndRowId(input: $input) { task { id: rowId } } }`;

const ask = (query: string, variables: object): Request => ({
  path: '/graphql',
  body: JSON.stringify({ query, variables }),
});

interface GraphqlData {
  task?: BenchTask | null;
  allTasks?: { nodes: BenchTask[] };
  answer?: { task: BenchTask } | null;
}

/** The schema that PostGraphile makes of the tables by its defaults. */
function createGraphql(): Dialect {
  return {
    failureMark: '"errors"',
    toRequest(call, user) {
      const userId = toUserId(user);
      switch (call.operation) {
        case 'list':
          return ask(listQuery, { limit: call.limit });
        case 'get':
          return ask(getQuery, { userId, id: call.id });
        case 'batch': {
          const ids = Object.fromEntries(call.ids.map((id, at) => [`id${at}`, id]));
          return ask(call.ids.length === 10 ? tenQuery : batchQuery(call.ids.length), { userId, ...ids });
        }
        case 'update': {
          const taskPatch = { title: call.title, updatedAt: new Date().toISOString() };
          return ask(updateQuery, { input: { userId, rowId: call.id, taskPatch } });
        }
        case 'create':
          return ask(createQuery, { input: { task: { userId, rowId: randomUUID(), title: call.title } } });
        default:
          return ask(deleteQuery, { input: { userId, rowId: call.id } });
      }
    },
    toTasks(call, answer) {
      const data = (answer as { data: GraphqlData }).data;
      if (call.operation === 'list') return data.allTasks!.nodes;
      if (call.operation === 'batch') return Object.values(data) as BenchTask[];
      return [data.task, data.answer?.task].filter((task) => task !== undefined && task !== null);
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
