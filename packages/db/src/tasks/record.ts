import { toIsoTime } from '../schema/row-types.ts';
import type { TextRow } from '../scope/prepared-statement.ts';

/** A task as its owner sees it. Times are ISO 8601 in UTC with milliseconds. */
export interface TaskRecord {
  id: string;
  title: string;
  description: string | null;
  completed: boolean;
  completedAt: string | null;
  createdAt: string;
  updatedAt: string;
  /** Starts at 1 and goes up by one with each change. */
  version: number;
}

/** What a task's statements select, in this order. */
export const taskColumns = [
  'id',
  'title',
  'description',
  'completed',
  'completed_at',
  'created_at',
  'updated_at',
  'version',
] as const;

/** Reads `taskColumns`. */
export function toTask(row: TextRow): TaskRecord {
  const [id, title, description, completed, completedAt, createdAt, updatedAt, version] = row;
  return {
    id: id!,
    title: title!,
    description: description!,
    completed: completed === 't',
    completedAt: completedAt === null ? null : toIsoTime(completedAt!),
    createdAt: toIsoTime(createdAt!),
    updatedAt: toIsoTime(updatedAt!),
    version: Number(version),
  };
}
