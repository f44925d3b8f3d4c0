import type { ListRecord } from '../lists/record.ts';
import type { TaskRecord } from '../tasks/record.ts';
import type { Place, RecordKind } from './position.ts';

export interface Records {
  /** Tasks as they are now, also those in the trash. */
  tasks: TaskRecord[];
  lists: ListRecord[];
  /** Purged tasks, and lists that are purged or in the trash. */
  removed: { kind: RecordKind; id: string }[];
}

/** A page that ends at a place. */
export interface Part extends Records {
  end: Place;
}

export const createRecords = (): Records => ({ tasks: [], lists: [], removed: [] });
