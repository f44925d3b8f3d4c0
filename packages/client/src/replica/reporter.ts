import type { Changed, State } from './state.ts';
import type { ReplicaStatus } from './types.ts';

/** Calls the listeners of a replica. */
export interface Reporter {
  status(): ReplicaStatus;
  /** Changes parts of the status, and reports all changes of the state since the last call. */
  report(parts?: Partial<ReplicaStatus>): void;
  subscribe(listener: (changed: Changed) => void): () => void;
}

export function createReporter(state: State, first: Omit<ReplicaStatus, 'isComplete' | 'unsent'>): Reporter {
  const listeners = new Set<(changed: Changed) => void>();
  const read = () => ({
    isComplete: state.feed().isComplete,
    unsent: state.outbox.size - state.refused().length,
  });
  let status: ReplicaStatus = { ...first, ...read() };

  return {
    status: () => status,
    report(parts) {
      const next = { ...status, ...parts, ...read() };
      const names = Object.keys(next) as (keyof ReplicaStatus)[];
      if (names.some((name) => next[name] !== status[name])) status = next;
      const changed = state.takeChanged();
      for (const listener of listeners) {
        try {
          listener(changed);
        } catch (error) {
          // An error of a listener must not stop the replica.
          setTimeout(() => {
            throw error;
          });
        }
      }
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
