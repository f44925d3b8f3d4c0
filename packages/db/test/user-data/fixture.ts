import { exportData, type ExportPage, importData, type UserScope } from '../../src/index.ts';

/** Reads all pages of an export. */
export async function exportAll(scope: UserScope, maxBytes?: number): Promise<Omit<ExportPage, 'nextCursor'>> {
  const all: Omit<ExportPage, 'nextCursor'> = { lists: [], tasks: [] };
  let cursor: string | null = null;
  do {
    const page: ExportPage = await exportData(scope, { cursor: cursor ?? undefined, maxBytes });
    all.lists.push(...page.lists);
    all.tasks.push(...page.tasks);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return all;
}

/** Imports the pages of an export in order, as many rows at a time. */
export async function importAll(scope: UserScope, { lists, tasks }: Omit<ExportPage, 'nextCursor'>) {
  const results = [];
  for (let at = 0; at < lists.length; at += 500) {
    results.push(await importData(scope, { lists: lists.slice(at, at + 500), tasks: [] }));
  }
  for (let at = 0; at < tasks.length; at += 500) {
    results.push(await importData(scope, { lists: [], tasks: tasks.slice(at, at + 500) }));
  }
  return {
    created: results.reduce((sum, { created }) => sum + created, 0),
    unchanged: results.reduce((sum, { unchanged }) => sum + unchanged, 0),
    conflicts: results.flatMap(({ conflicts }) => conflicts),
  };
}
