import type { ExportedList, Task } from '@holdfast/client';
import { inParts } from '../../data/in-parts.ts';

/** All lists, and all tasks, also those in the trash. */
export interface Records {
  lists: ExportedList[];
  tasks: Task[];
}

/** The name of the format, so that the app recognizes its own files. */
const format = 'holdfast-export';

/** A file with all records, which people can also read. */
export const toFile = (records: Records) =>
  new Blob([JSON.stringify({ format, exportedAt: new Date().toISOString(), ...records }, null, 1)], {
    type: 'application/json',
  });

/** The records of a file. Null if it is not an export. */
export async function readFile(file: Blob): Promise<Records | null> {
  try {
    const content = JSON.parse(await file.text()) as Partial<Records> & { format?: string };
    const { lists, tasks } = content;
    return content.format === format && Array.isArray(lists) && Array.isArray(tasks) ? { lists, tasks } : null;
  } catch {
    return null;
  }
}

/** The server's limits are higher. */
const limits = { countMax: 200, charactersMax: 200_000 };

/** Parts of the records that one call accepts each. The lists come before the tasks, which need them. */
export const toParts = ({ lists, tasks }: Records): Records[] => [
  ...inParts(lists, limits).map((some) => ({ lists: some, tasks: [] })),
  ...inParts(tasks, limits).map((some) => ({ lists: [], tasks: some })),
];

/** Lets the browser store a file. */
export function download(content: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  // The browser has not read the file when `click` returns.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
