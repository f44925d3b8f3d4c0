import { createAccepted } from './accepted.ts';
import { type ConnectionOptions, createConnection } from './connection.ts';
import { createFeed } from './feed.ts';
import type { Journal } from './journal.ts';
import { type Pause, repeat } from './pauses.ts';
import { createSender } from './sender.ts';
import type { State } from './state.ts';

export interface LeadOptions extends ConnectionOptions {
  state: State;
  journal: Journal;
  /** Ends when there may be something to send. */
  sending: Pause;
  /** These two end when there may be a network. */
  resending: Pause;
  following: Pause;
  onError(error: Error): void;
}

/** Sends the outbox and receives changes until the signal is aborted. */
export async function lead(options: LeadOptions, signal: AbortSignal): Promise<void> {
  const { state, journal, sending, resending, following, onError } = options;
  const { call, watch } = createConnection(options);
  const accepted = createAccepted({ state, onOverdue: () => restart(), onLost: sending.end });
  const { follow, restart } = createFeed({ state, journal, accepted, call, watch });
  const send = createSender({ state, journal, accepted, call });
  await Promise.all([
    repeat(send, { signal, pause: sending, retry: resending, onError }),
    repeat(follow, { signal, pause: following, retry: following, onError }),
  ]);
  accepted.clear();
}
