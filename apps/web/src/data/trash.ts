import type { Task } from '@holdfast/client';
import { remember } from './remember.ts';
import { byteOrder } from './views.ts';

/** Tasks of the trash, the last deleted first. */
export const findTrash = remember((trash: readonly Task[]) =>
  trash.toSorted((one, other) => byteOrder(other.deletedAt!, one.deletedAt!)),
);
