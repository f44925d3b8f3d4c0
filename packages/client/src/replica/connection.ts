import type { Changes } from '@holdfast/api/client';
import type { Watch } from '../changes/lazy-watch.ts';
import type { Holdfast } from '../client.ts';
import { orAborted } from '../deadline.ts';
import { readInternals } from '../internals.ts';
import { areOfDifferentUsers } from '../session/claims.ts';
import { fail, userChanged } from './fail.ts';
import type { Identity } from './identity.ts';

export interface ConnectionOptions {
  holdfast: Holdfast;
  identity: Identity;
  /** Called after each response. */
  onSuccess(): void;
}

/** Calls as the user of a replica. A call fails if the client would send it as another user. */
export interface Connection {
  call(path: string, input: object, signal: AbortSignal): Promise<unknown>;
  watch(input: { since?: string }, signal: AbortSignal): AsyncGenerator<Changes, void, void>;
}

type Procedure = Record<'query' | 'mutate', (input: object, options: object) => Promise<unknown>>;

export function createConnection({ holdfast, identity, onSuccess }: ConnectionOptions): Connection {
  const { tokens } = readInternals(holdfast);
  const procedures = holdfast.trpc as unknown as Record<string, Record<string, Procedure>>;

  function assertUser(isSame = tokens.generation() === identity.generation): void {
    if (isSame) return;
    throw fail('UNAUTHORIZED', userChanged);
  }

  return {
    async call(path, input, signal) {
      assertUser();
      const [area, name] = path.split('.') as [string, string];
      const procedure = procedures[area]![name]!;
      const options = { signal, context: { userToken: identity.token, isSentOnce: true } };
      const result = await (area === 'changes' ? procedure.query(input, options) : procedure.mutate(input, options));
      assertUser();
      onSuccess();
      return result;
    },
    async *watch(input, signal) {
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
