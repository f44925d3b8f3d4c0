import type { Changes } from '@holdfast/api/client';
import type { Watch } from '../changes/lazy-watch.ts';
import type { Holdfast } from '../client.ts';
import { orAborted } from '../deadline.ts';
import { readInternals } from '../internals.ts';
import { areOfDifferentUsers } from '../session/claims.ts';
import { createAccepted } from './accepted.ts';
import { fail, userChanged } from './fail.ts';
import { createFeed } from './feed.ts';
import type { Identity } from './identity.ts';
import type { Journal } from './journal.ts';
import { type Pause, repeat } from './pauses.ts';
import { createSender } from './sender.ts';
import type { State } from './state.ts';

export interface LeadOptions {
  holdfast: Holdfast;
  identity: Identity;
  state: State;
  journal: Journal;
  /** Ends when there may be something to send. */
  sending: Pause;
  /** These two end when there may be a network. */
  resending: Pause;
  following: Pause;
  onSuccess(): void;
  onError(error: Error): void;
}

/** Sends the outbox and receives changes until the signal is aborted. */
export async function lead(options: LeadOptions, signal: AbortSignal): Promise<void> {
  const { state, journal, sending, resending, following, onError } = options;
  const { call, watch } = createConnection(options);
  const accepted = createAccepted({ state, onOverdue: () => restart(), onLost: sending.end });
  const list = (input: object, signal: AbortSignal) => call('changes.list', input, signal) as Promise<Changes>;
  const { follow, restart } = createFeed({ state, journal, accepted, list, watch });
  const send = createSender({ state, journal, accepted, call: (op, signal) => call(op.path, op.input, signal) });
  await Promise.all([
    repeat(send, { signal, pause: sending, retry: resending, onError }),
    repeat(follow, { signal, pause: following, retry: following, onError }),
  ]);
  accepted.clear();
}

type Procedure = Record<'query' | 'mutate', (input: object, options: object) => Promise<unknown>>;

/** Calls as the user of a replica. A call fails if the client would send it as another user. */
function createConnection({ holdfast, identity, onSuccess }: LeadOptions) {
  const { tokens } = readInternals(holdfast);
  const procedures = holdfast.trpc as unknown as Record<string, Record<string, Procedure>>;

  function assertUser(isSame = tokens.generation() === identity.generation): void {
    if (isSame) return;
    throw fail('UNAUTHORIZED', userChanged);
  }

  return {
    async call(path: string, input: object, signal: AbortSignal): Promise<unknown> {
      assertUser();
      const [area, name] = path.split('.') as [string, string];
      const procedure = procedures[area]![name]!;
      const options = { signal, context: { userToken: identity.token, isSentOnce: true } };
      const result = await (area === 'changes' ? procedure.query(input, options) : procedure.mutate(input, options));
      assertUser();
      onSuccess();
      return result;
    },
    async *watch(input: { since?: string }, signal: AbortSignal): AsyncGenerator<Changes, void, void> {
      assertUser();
      for await (const page of (holdfast.changes.watch as Watch)(input, { signal, isOnce: true })) {
        assertUser();
        // An app with its own tokens can change the user without a notice.
        assertUser(!areOfDifferentUsers(identity.token, await orAborted(() => tokens.available(), signal)));
        onSuccess();
        yield page;
      }
    },
  };
}
