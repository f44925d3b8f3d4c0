import type { Changes } from '@holdfast/api/client';
import type { Holdfast } from '../client.ts';
import { readInternals } from '../internals.ts';
import { areOfDifferentUsers } from '../session/claims.ts';
import { fail } from './fail.ts';
import type { Identity } from './identity.ts';

/** Calls as the user of a replica. A call fails if the client would send it as another user. */
export interface Connection {
  call(path: string, input: object, signal: AbortSignal): Promise<unknown>;
  watch(input: { since?: string }, signal: AbortSignal): AsyncGenerator<Changes, void, void>;
}

type Procedure = Record<'query' | 'mutate', (input: object, options: object) => Promise<unknown>>;

/** @param onSuccess Called after each response. */
export function createConnection(holdfast: Holdfast, identity: Identity, onSuccess: () => void): Connection {
  const { tokens } = readInternals(holdfast);
  const procedures = holdfast.trpc as unknown as Record<string, Record<string, Procedure>>;

  function assertUser(isSame = tokens.generation() === identity.generation): void {
    if (isSame) return;
    throw fail('UNAUTHORIZED', 'Another user signed in. Open a new replica.');
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
      for await (const page of holdfast.changes.watch(input, { signal })) {
        assertUser();
        // An app with its own tokens can change the user without a notice.
        assertUser(!areOfDifferentUsers(identity.token, await tokens.available()));
        onSuccess();
        yield page;
      }
    },
  };
}
