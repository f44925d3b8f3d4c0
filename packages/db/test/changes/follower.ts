import type { Client } from 'pg';
import { type ChangesPage, type ChangesQuery, listChanges, type UserScope } from '../../src/index.ts';
import { listColumns, type ListRecord, toList } from '../../src/lists/record.ts';
import { taskColumns, type TaskRecord, toTask } from '../../src/tasks/record.ts';
import { asTools } from '../fixture.ts';

/** What a user has: all tasks, and the lists outside the trash. */
export interface Contents {
  tasks: TaskRecord[];
  lists: ListRecord[];
}

interface Copy<Content> {
  content: Content;
  generation: number;
}

/** A client that stores what it receives, with the generation of the copy in which it arrived. */
export class Follower {
  cursor: string | undefined;
  generation = 0;
  readonly #tasks = new Map<string, Copy<TaskRecord>>();
  readonly #lists = new Map<string, Copy<ListRecord>>();

  get contents(): Contents {
    return { tasks: sort(this.#tasks), lists: sort(this.#lists) };
  }

  /** Reads one page. */
  async read(scope: UserScope, query: Partial<ChangesQuery> = {}): Promise<ChangesPage> {
    const page = await listChanges(scope, { limit: 500, ...query, since: this.cursor });
    const { tasks, lists, removed, cursor, hasMore, isReset } = page;
    if (isReset || this.cursor === undefined) this.generation += 1;
    const { generation } = this;
    for (const content of tasks) this.#tasks.set(content.id, { content, generation });
    for (const content of lists) this.#lists.set(content.id, { content, generation });
    for (const { kind, id } of removed) this.#recordsOf(kind).delete(id);
    this.cursor = cursor ?? undefined;
    if (!hasMore) this.#sweep();
    return page;
  }

  /** Reads pages until there are no more, and returns them. */
  async catchUp(scope: UserScope, query: Partial<ChangesQuery> = {}): Promise<ChangesPage[]> {
    const pages = [await this.read(scope, query)];
    while (pages.at(-1)!.hasMore) {
      if (pages.length > 10_000) throw new Error('The pages do not end.');
      pages.push(await this.read(scope, query));
    }
    return pages;
  }

  #recordsOf(kind: 'task' | 'list') {
    return kind === 'task' ? this.#tasks : this.#lists;
  }

  #sweep(): void {
    for (const records of [this.#tasks, this.#lists]) {
      for (const [id, { generation }] of records) if (generation < this.generation) records.delete(id);
    }
  }
}

function sort<Content extends { id: string }>(copies: Map<string, Copy<Content>>): Content[] {
  return [...copies.values()].map(({ content }) => content).sort((one, other) => (one.id < other.id ? -1 : 1));
}

/** What the tables contain for a user. */
export async function readContents(sql: Client, userId: string): Promise<Contents> {
  const select = async (columns: readonly string[], from: string) => {
    const items = columns.map((column) => `${column}::text`).join(', ');
    const { rows } = await asTools(sql, `select ${items} from ${from} and user_id = $1 order by id`, [userId]);
    return rows.map((row: Record<string, string | null>) => columns.map((column) => row[column] ?? null));
  };
  const isCompleted = taskColumns.indexOf('completed');
  const tasks = await select(taskColumns, 'tasks where true');
  return {
    // A cast to text writes `true`, and the protocol writes `t`.
    tasks: tasks.map((row) => toTask(row.with(isCompleted, row[isCompleted]![0]!))),
    lists: (await select(listColumns, 'lists where deleted_at is null')).map(toList),
  };
}
