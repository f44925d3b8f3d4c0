import type { ImportFile } from '@holdfast/imports';
import { z } from 'zod';

const list = z.looseObject({ id: z.uuid(), name: z.string() });
const task = z.looseObject({ id: z.uuid(), title: z.string() });

/** A file of `tasks export`. The server checks the rows. */
const file = z.object({ lists: z.array(list).default([]), tasks: z.array(task).default([]) });

export type Rows = readonly object[];

/** The rows of a file of `tasks export`. Undefined for all other files. */
export function parseExport({ text }: ImportFile): { lists: Rows; tasks: Rows } | undefined {
  if (!/^\s*\{/.test(text)) return undefined;
  try {
    const json = JSON.parse(text) as object;
    return 'lists' in json || 'tasks' in json ? file.parse(json) : undefined;
  } catch {
    return undefined;
  }
}
