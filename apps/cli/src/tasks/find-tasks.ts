import type { CallOptions, Holdfast, Task } from '@holdfast/client';
import { CliError } from '../errors.ts';
import { toPlain } from '../terminal/plain.ts';
import { toCompactId } from './short-ids.ts';

/** A task from the command line. */
export interface FoundTask {
  id: string;
  /** Undefined if the user gave the whole ID, because that needs no search. */
  task?: Task;
}

export interface FindOptions extends CallOptions {
  /** The tasks to search. Default: all tasks that are not in the trash. */
  tasks?: Task[];
}

const candidatesMax = 10;

/**
 * Finds tasks by whole IDs, or by a unique start or end of an ID.
 *
 * A whole ID needs no request. The server cannot search for parts, so all tasks are listed once, 200 per request.
 *
 * @throws CliError USAGE, NOT_FOUND, AMBIGUOUS_ID
 */
export async function findTasks(
  holdfast: Holdfast,
  parts: string[],
  { tasks: all, ...options }: FindOptions,
): Promise<FoundTask[]> {
  const wanted = [...new Set(parts.map((part) => parsePart(part)))];
  const matches = new Map<string, Task[]>(wanted.filter((part) => part.length < 32).map((part) => [part, []]));
  if (matches.size > 0) {
    for await (const task of all ?? holdfast.task.listAll({ limit: 200 }, options)) {
      const compactId = toCompactId(task.id);
      for (const [part, tasks] of matches) {
        if (compactId.startsWith(part) || compactId.endsWith(part)) tasks.push(task);
      }
    }
  }
  const found = wanted.map((part) => (part.length < 32 ? toOnly(part, matches.get(part)!) : { id: toId(part) }));
  return [...new Map(found.map((one) => [one.id, one])).values()];
}

function parsePart(part: string): string {
  const compactId = toCompactId(part);
  if (/^[0-9a-f]{4,32}$/.test(compactId)) return compactId;
  const message = `'${part}' is not an ID. Copy it from \`tasks list\`, or give at least 4 characters.`;
  throw new CliError('USAGE', message);
}

function toOnly(part: string, [task, ...others]: Task[]): FoundTask {
  if (task === undefined) {
    const message = `No task ID starts or ends with ${part}. See \`tasks list --all\`.`;
    throw new CliError('NOT_FOUND', message, { more: { id: part } });
  }
  if (others.length === 0) return { id: task.id, task };
  const candidates = [task, ...others];
  const shown = candidates.slice(0, candidatesMax);
  const lines = shown.map(({ id, title }) => `  ${toPlain(id)}  ${toPlain(title)}`);
  if (candidates.length > shown.length) lines.push(`  and ${candidates.length - shown.length} more`);
  const message = `${candidates.length} task IDs start or end with ${part}. Give more characters.`;
  throw new CliError('AMBIGUOUS_ID', message, {
    more: { id: part, candidates: shown },
    lines,
  });
}

const toId = (compactId: string) => compactId.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
