import type { CreateTaskInput, List, Task, UpdateListInput } from '@holdfast/api/client';
import type { CollectionConfig, SyncConfig } from '@tanstack/db';
import type { Replica } from '../replica/index.ts';

interface Rows {
  tasks: Task;
  lists: List;
}

/** The fields that an app can set. The server sets the others. */
const fields = {
  tasks: ['title', 'description', 'completed', 'listId', 'due', 'priority', 'labels', 'position'],
  lists: ['name', 'color', 'position'],
} as const;

function pick(row: object, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row).filter(([name]) => names.includes(name)));
}

/**
 * Options of a TanStack DB collection with the tasks or lists of a replica. Changes of the collection become writes of the
 * replica. Tasks and lists in the trash are not part of it.
 */
export function holdfastCollectionOptions<Kind extends keyof Rows>(
  replica: Replica,
  kind: Kind,
): CollectionConfig<Rows[Kind], string> {
  const writes = kind === 'tasks' ? replica.task : replica.list;
  const read = () => replica[kind] as readonly Rows[Kind][];

  const sync: SyncConfig<Rows[Kind], string>['sync'] = ({ begin, write, commit, markReady }) => {
    const known = new Set<string>();
    let isReady = false;

    function update(ids: Iterable<string>): void {
      begin();
      for (const id of ids) {
        const row = writes.get(id) as Rows[Kind] | undefined;
        const isShown = row !== undefined && !('deletedAt' in row && row.deletedAt !== null);
        if (isShown) write({ type: known.has(id) ? 'update' : 'insert', value: row });
        else if (known.has(id)) write({ type: 'delete', key: id });
        if (isShown) known.add(id);
        else known.delete(id);
      }
      void commit();
      if (isReady) return;
      isReady = replica.status.isComplete || replica.status.isClosed;
      if (isReady) markReady();
    }

    update(read().map(({ id }) => id));
    const prefix = `${kind.slice(0, -1)} `;
    return replica.subscribe((changed) => {
      const records = [...changed].filter((record) => record.startsWith(prefix));
      if (records.length > 0 || !isReady) update(records.map((record) => record.slice(prefix.length)));
    });
  };

  return {
    id: `holdfast ${kind} ${replica.userId}`,
    getKey: ({ id }) => id,
    sync: { sync, rowUpdateMode: 'full' },
    async onInsert({ transaction }) {
      for (const { modified, key } of transaction.mutations) {
        writes.create({ ...pick(modified, fields[kind]), id: key } as CreateTaskInput & { name: string });
      }
      await replica.stored();
    },
    async onUpdate({ transaction }) {
      for (const { changes, key } of transaction.mutations) {
        const { archivedAt } = changes as Partial<List>;
        const archived: Pick<UpdateListInput, 'archived'> =
          archivedAt === undefined ? {} : { archived: archivedAt !== null };
        writes.update({ ...pick(changes, fields[kind]), ...archived, id: key });
      }
      await replica.stored();
    },
    async onDelete({ transaction }) {
      for (const { key } of transaction.mutations) writes.delete({ id: key });
      await replica.stored();
    },
  };
}
