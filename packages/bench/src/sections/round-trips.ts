import assert from 'node:assert/strict';
import type { Contestant } from '../contestants/contestant.ts';
import { dialects } from '../contestants/dialect.ts';
import type { BenchDatabase } from '../data.ts';
import { makeCall } from '../identities.ts';
import { type Call, operations } from '../operations.ts';
import type { ContestantResult, RoundTrips } from '../results.ts';
import type { Rig } from '../rig.ts';
import { openRoundTripProxy } from '../round-trip-proxy.ts';
import { sendRequest } from '../send-request.ts';

const responseDelayMs = 4;
const requests = 10;

/** Starts a process of the contestant behind a proxy and counts each operation's round trips after a warm-up. */
export async function countRoundTrips(
  rig: Rig,
  database: BenchDatabase,
  contestant: Contestant,
): Promise<ContestantResult['roundTrips']> {
  const { hostname, port } = new URL(database[contestant.login]);
  const proxy = await openRoundTripProxy({ host: hostname, port: Number(port) }, responseDelayMs);
  const { toTasks } = dialects[contestant.dialect];
  const running = await rig.start(contestant, database, proxy.toProxyUrl);

  const send = async (call: Call, user: number) => {
    const { status, body } = await sendRequest(running, call, { user, token: rig.tokens[user] });
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
    // Every connection of the pool must be open and have prepared every statement. Each does this only once.
    for (const operation of operations) {
      await rig.run(running, {
        connections: 32,
        calls: { operation, ...database.size },
        until: { requests: operation === 'batch' ? 200 : 400 },
      });
    }
    for (let at = 0; at < 5; at++) {
      const deletions = await Promise.all(Array.from({ length: 20 }, createOne));
      await Promise.all(deletions.map(({ user, call }) => send(call, user)));
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
