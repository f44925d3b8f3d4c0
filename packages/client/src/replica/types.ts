import type { List, Task } from '@holdfast/api/client';
import type { RefusedWrite } from './operations.ts';
import type { Changed } from './state.ts';
import type { ReplicaLists, ReplicaTasks } from './writes.ts';

/** The state of a replica. */
export interface ReplicaStatus {
  /** False if the device has no network, or if the last call did not reach the server. */
  isOnline: boolean;
  /** True if this tab sends and receives. The other tabs of the user do so through this one. */
  isLeader: boolean;
  /** True if the replica has received all tasks and lists once. */
  isComplete: boolean;
  /** False if the data is only in memory: without a storage, in some private windows, or if the storage is full. */
  isStored: boolean;
  /** True after `close` or `erase`, and after the session has ended or another user has signed in. */
  isClosed: boolean;
  /** Number of writes that wait for the server. Those that it refused do not count. */
  unsent: number;
  /** The problem that delays the exchange with the server, or that prevents storing. Null if there is none. */
  error: Error | null;
}

/** A copy of the tasks and lists of one user. Reads and writes need no network. */
export interface Replica {
  /** UUID of the user. */
  readonly userId: string;
  /** Tasks that are not in the trash, in no particular order. The array is the same one as long as nothing changes. */
  readonly tasks: readonly Task[];
  /** Tasks in the trash. */
  readonly trash: readonly Task[];
  /** Lists that are not in the trash, with archived ones. */
  readonly lists: readonly List[];
  /** Writes that the server refused, the oldest first. Later writes to the same records wait for `retry` or `drop`. */
  readonly refused: readonly RefusedWrite[];
  readonly status: ReplicaStatus;
  readonly task: ReplicaTasks;
  readonly list: ReplicaLists;
  /** Calls the listener after each change of the properties above. Returns a function that removes the listener. */
  subscribe(listener: (changed: Changed) => void): () => void;
  /** Resolves when the condition is true. Rejects if the replica closes before. */
  until(condition: (replica: Replica) => boolean): Promise<void>;
  /** Resolves when all writes so far survive a restart, as far as the storage allows it. */
  stored(): Promise<void>;
  /** Sends a refused write again, with the given fields of its input replaced. `id` is that of the refused write. */
  retry(id: string, changes?: object): void;
  /** Takes back a refused write. If it creates a record, later writes to this record are taken back too. */
  drop(id: string): void;
  /** Ends the exchange with the server. The data and unsent writes remain stored. */
  close(): Promise<void>;
  /** Closes the replica in all tabs and deletes its data, with unsent writes. Sign-out does the same. */
  erase(): Promise<void>;
}
