import type { ExportedData } from '@holdfast/client';
import type { Context } from '../context.ts';
import { connect } from '../server/connect.ts';

/** Writes all lists and tasks to stdout, also those in the trash. */
export async function exportData(context: Context): Promise<void> {
  const { output, signal } = context;
  const { holdfast } = await connect(context);
  const data: Omit<ExportedData, 'nextCursor'> = { lists: [], tasks: [] };
  for await (const { lists, tasks } of holdfast.user.exportAll({ signal })) {
    data.lists.push(...lists);
    data.tasks.push(...tasks);
  }
  output.json(data);
}
