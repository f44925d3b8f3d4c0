import assert from 'node:assert/strict';
import { ask } from '../ask.ts';
import type { Contestant } from '../contestants/contestant.ts';
import { dialects } from '../contestants/dialect.ts';
import { openCountingProxy } from '../counting-proxy.ts';
import type { BenchDatabase } from '../data.ts';
import { makeCall } from '../identities.ts';
import { type Call, operations } from '../operations.ts';
import type { ContestantResult, RoundTrips } from '../results.ts';
import type { Rig } from '../rig.ts';

const answerDelayMs = 4;
const requests = 10;

/** Counts, on the wire between a contestant of its own and PostgreSQL, what each request costs once all is warm. */
export async function countRoundTrips(
  rig: Rig,
  database: BenchDatabase,
  contestant: Contestant,
): Promise<ContestantResult['roundTrips']> {
  const { hostname, port } = new URL(database[contestant.login]);
  const proxy = await openCountingProxy({ host: hostname, port: Number(port) }, answerDelayMs);
  const { toTasks } = dialects[contestant.dialect];
  const running = await rig.start(contestant, database, proxy.through);

  const send = async (call: Call, user: number) => {
    const { status, body } = await ask(running, call, { user, token: rig.tokens[user] });
    assert.equal(status, 200, JSON.stringify(body));
    return toTasks(call, body);
  };

  async function count(prepare: () => Promise<{ user: number; call: Call }>): Promise<RoundTrips> {
    const total: RoundTrips = { trips: 0, depth: 0 };
    for (let at = 0; at < requests; at++) {
      const { user, call } = await prepare();
      proxy.reset();
      await send(call, user);
      const { trips, depth } = proxy.read();
      total.trips += trips;
      total.depth += depth;
    }
    return { trips: total.trips / requests, depth: total.depth / requests };
  }

  async function createOne(): Promise<{ user: number; call: Call }> {
    const { user, call } = makeCall('create', database.size);
    const [task] = await send(call, user);
    return { user, call: { operation: 'delete', id: task!.id } };
  }

  try {
    // Every connection of the pool must be open and have prepared every statement, which happens once in its life.
    for (const operation of operations) {
      await rig.run(running, {
        connections: 32,
        calls: { operation, ...database.size },
        until: { requests: operation === 'batch' ? 200 : 400 },
      });
    }
    for (let at = 0; at < 5; at++) {
      const doomed = await Promise.all(Array.from({ length: 20 }, createOne));
      await Promise.all(doomed.map(({ user, call }) => send(call, user)));
    }
    const counted: ContestantResult['roundTrips'] = {};
    for (const operation of operations) {
      counted[operation] = await count(async () => makeCall(operation, database.size));
    }
    counted.delete = await count(createOne);
    return counted;
  } finally {
    await running.stop();
    proxy.close();
  }
}
