/** Increased when messages change. After an upgrade, a rolling restart starts workers of another version. */
export const protocol = 1;

/** What a worker needs to serve. The settings are in its environment. */
export interface StartMessage {
  kind: 'start';
  /** The place of the worker among all workers, from 1. */
  number: number;
  workers: number;
  databaseUrl: string;
  secret: string;
}

/** Messages of the main process to a worker. */
export type ToWorker =
  | StartMessage
  /** `isReplaced` if another worker serves in its place. Otherwise the whole server stops. */
  | { kind: 'stop'; isReplaced: boolean }
  | { kind: 'news'; topic: string; content: unknown; from: number }
  | { kind: 'question'; id: number; topic: string; content: unknown; from: number }
  /** `hasFailed` if the main process could not answer. */
  | { kind: 'answers'; id: number; answers: unknown[]; hasFailed?: true }
  /** Another worker has ended. */
  | { kind: 'gone'; worker: number };

/** IDs of workers, or all others. A worker that replaces another one has another ID. */
export type Receivers = number[] | 'others';

/** Messages of a worker to the main process. */
export type ToMain =
  | { kind: 'hello'; protocol: number }
  | { kind: 'ready'; url: string; webAppProblem: string | null }
  | { kind: 'failed'; reason: string }
  | { kind: 'news'; topic: string; content: unknown; to: Receivers }
  | { kind: 'question'; id: number; topic: string; content: unknown; to: 'others' | 'main' }
  | ({ kind: 'answer'; id: number } & Answer);

/** `hasFailed` if the process could not answer. */
export interface Answer {
  answer: unknown;
  hasFailed?: true;
}

/** Records an error that must not end the process. */
export type RecordFailure = (topic: string, error: unknown) => void;
