import type { TaskFilter, TaskOrder } from '@holdfast/db';

/** The measured operations, in the order of the tables. */
export const operations = ['list', 'get', 'batch', 'update', 'create'] as const;

export type Operation = (typeof operations)[number];

/** Column titles. */
export const operationTitles: Record<Operation | 'delete', string> = {
  list: 'list 20',
  get: 'get',
  batch: '10 gets in one request',
  update: 'update',
  create: 'create',
  delete: 'delete',
};

/** One request, independent of a contestant's dialect. */
export type Call =
  | ({ operation: 'list'; limit: number; cursor?: string; order?: TaskOrder } & TaskFilter)
  | { operation: 'get'; id: string }
  | { operation: 'batch'; ids: string[] }
  | { operation: 'update'; id: string; title: string; operationId?: string }
  | { operation: 'create'; title: string }
  | { operation: 'delete'; id: string }
  | { operation: 'changes'; since: string };

/** A task as every contestant must return it. Times are ISO 8601 in UTC with milliseconds. */
export interface BenchTask {
  id: string;
  title: string;
  description: string | null;
  completed: boolean;
  completedAt: string | null;
  createdAt: string;
  updatedAt: string;
  version: number;
}
