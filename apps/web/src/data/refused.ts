import type { RefusedWrite } from '@holdfast/client/replica';
import { remember } from './remember.ts';

function findIds({ path, input }: RefusedWrite): readonly string[] {
  const { id, ids = [], items = [] } = input as { id?: string; ids?: string[]; items?: { id: string }[] };
  if (path.startsWith('list')) return [];
  return [...(id === undefined ? [] : [id]), ...ids, ...items.map((item) => item.id)];
}

/** IDs of the tasks with changes that the server refused. */
export const findRefusedTasks = remember((refused: readonly RefusedWrite[]) => new Set(refused.flatMap(findIds)));
