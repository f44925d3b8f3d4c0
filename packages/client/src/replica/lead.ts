import type { Changes } from '@holdfast/api/client';
import { createAccepted } from './accepted.ts';
import type { Connection } from './connection.ts';
import { createFeed } from './feed.ts';
import type { Journal } from './journal.ts';
import { type Pause, repeat } from './pauses.ts';
import { createSender } from './sender.ts';
import type { State } from './state.ts';

export interface LeadOptions {
  state: State;
  journal: Journal;
  connection: Connection;
  /** Ends when there may be something to send. */
  sending: Pause;
  /** Ends when there may be a network. */
  following: Pause;
  onError(error: Error): void;
}

/** Sends the outbox and receives changes until the signal is aborted. */
export async function lead({ sending, following, onError, ...parts }: LeadOptions, signal: AbortSignal): Promise<void> {
  const { state, journal, connection } = parts;
  const { call, watch } = connection;
  const accepted = createAccepted({ state, onOverdue: () => restart(), onLost: sending.end });
  const list = (input: object, signal: AbortSignal) => call('changes.list', input, signal) as Promise<Changes>;
  const { follow, restart } = createFeed({ state, journal, accepted, list, watch });
  const send = createSender({ state, journal, accepted, call: (op, signal) => call(op.path, op.input, signal) });
  await Promise.all([
    repeat(send, { signal, pause: sending, onError }),
    repeat(follow, { signal, pause: following, onError }),
  ]);
  accepted.clear();
}
