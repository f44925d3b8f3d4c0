export { openReplica, type ReplicaOptions } from './open-replica.ts';
export { type Operation, type RefusedWrite, type Refusal, type WritePath } from './operations.ts';
export { type Changed } from './state.ts';
export { type ReplicaStorage, type StoredEntry } from './storage.ts';
export { type Replica, type ReplicaStatus } from './types.ts';
export { type ReplicaLists, type ReplicaTasks } from './writes.ts';
