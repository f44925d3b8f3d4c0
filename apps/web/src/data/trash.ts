import type { Task } from '@holdfast/client';
import { remember } from './remember.ts';

/** Tasks of the trash, the last deleted first. */
export const findTrash = remember((trash: readonly Task[]) =>
  trash.toSorted((one, other) => (one.deletedAt! < other.deletedAt! ? 1 : -1)),
);
