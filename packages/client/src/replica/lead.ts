import { isHoldfastError } from '../errors.ts';
import { createAccepted } from './accepted.ts';
import { type ConnectionOptions, createConnection } from './connection.ts';
import { createFeed } from './feed.ts';
import type { Journal } from './journal.ts';
import { toRepairEntries } from './page-entries.ts';
import { type Pause, repeat } from './pauses.ts';
import { createSender } from './sender.ts';
import type { State } from './state.ts';

export interface LeadOptions extends Omit<ConnectionOptions, 'onSuccess'> {
  state: State;
  journal: Journal;
  /** The first one ends when there may be something to send, and all end when there may be a network. */
  pauses: readonly [sending: Pause, resending: Pause, following: Pause];
  /** Reports whether the server can be reached, and why not or why it refuses calls. */
  connect(isOnline: boolean, error: Error | null): void;
}

/** Sends the outbox and receives changes until the signal is aborted. */
export async function lead(options: LeadOptions, signal: AbortSignal): Promise<void> {
  const { state, journal, connect } = options;
  const [sending, resending, following] = options.pauses;
  const onError = (error: Error) => connect(isHoldfastError(error) && error.requestId !== null, error);
  const { call, watch } = createConnection({ ...options, onSuccess: () => connect(true, null) });
  const accepted = createAccepted({ state, onOverdue: () => restart(), onLost: sending.end });
  const { follow, restart } = createFeed({ state, journal, accepted, call, watch });
  const send = createSender({ state, journal, accepted, call });
  await journal.commit(() => toRepairEntries(state));
  await Promise.all([
    repeat(send, { signal, pause: sending, retry: resending, onError }),
    repeat(follow, { signal, pause: following, retry: following, onError }),
  ]);
  accepted.clear();
}
