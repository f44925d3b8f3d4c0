import cluster from 'node:cluster';
import { expect, onTestFinished, test } from 'vitest';
import { createPeers, PeerError, type PeerLink } from '../../src/peers/peers.ts';
import { createShutdown } from '../../src/shutdown.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { Hub } from '../../src/workers/hub.ts';
import { collectServerMetrics } from '../../src/workers/server-metrics.ts';
import { createSupervisor } from '../../src/workers/supervisor.ts';
import { forkWorker } from '../../src/workers/worker-process.ts';

function openHub() {
  const failures: string[] = [];
  const recordFailure = (topic: string, error: unknown) =>
    void failures.push(`${topic}: ${error instanceof Error ? error.message : 'no error'}`);
  const hub = new Hub(recordFailure);
  const join = (worker: number): PeerLink => {
    const peers = createPeers({ send: (message) => hub.receive(worker, message), recordFailure });
    hub.add(worker, (message) => peers.receive(message));
    return peers;
  };
  return { hub, failures, recordFailure, join };
}

const refuse = () => {
  throw new Error('refused');
};

test('a question that the main process fails to answer is a failed question, and the failure is recorded', async () => {
  const { hub, failures, join } = openHub();
  hub.on('throws', refuse);
  hub.on('rejects', async () => refuse());
  hub.on('works', () => 1);
  const worker = join(1);
  for (const topic of ['throws', 'rejects']) await expect(worker.askMain(topic, null)).rejects.toThrow(PeerError);
  expect(await worker.askMain('works', null)).toBe(1);
  expect(failures).toEqual(['throws: refused', 'rejects: refused']);
});

test('the answer of a worker that fails is missing, and the failure is recorded', async () => {
  const { failures, join } = openHub();
  const [first, second, third] = [join(1), join(2), join(3)];
  second.on('count', () => 2);
  third.on('count', async () => refuse());
  expect(await first.ask('count', null)).toEqual([2]);
  expect(failures).toEqual(['count: refused']);
});

test('news that a worker fails to receive is recorded', async () => {
  const { failures, join } = openHub();
  const [first, second] = [join(1), join(2)];
  second.on('throws', refuse);
  second.on('rejects', async () => refuse());
  for (const topic of ['throws', 'rejects']) first.tell(topic, null);
  await expect.poll(() => failures).toEqual(['throws: refused', 'rejects: refused']);
});

test('metrics of a worker that cannot be added fail one scrape, and are lost when the worker ends', async () => {
  const { hub, failures, recordFailure, join } = openHub();
  const metrics = collectServerMetrics(hub, recordFailure);
  const [first, second] = [join(1), join(2)];
  await second.askMain('last metrics', [{ name: 'x', type: 'counter', help: 'x', aggregator: 'unknown', values: [] }]);
  await expect(first.askMain('read metrics', null)).rejects.toThrow(PeerError);
  metrics.remove(2);
  expect(await first.askMain('read metrics', null)).toContain('process_');
  expect(failures.map((failure) => failure.split(':', 1)[0])).toEqual(['read metrics', 'last metrics']);
});

test('a worker whose process cannot be started is a failed start, and the server can stop', async () => {
  const { hub } = openHub();
  const { cwd } = cluster.settings;
  cluster.setupPrimary({ cwd: '/nothing/is/here' });
  onTestFinished(() => cluster.setupPrimary({ cwd }));
  const logger = createLogger('silent', { write: () => {} });
  const start = { workers: 1, databaseUrl: '', secret: '' };
  const fork = (number: number) => forkWorker(hub, { number, ...start });
  const supervisor = createSupervisor({ workers: 1, logger, fork, onEnded: () => {} });
  await expect(supervisor.start()).rejects.toThrow('Worker 1 cannot be started (spawn');
  await supervisor.stop();
});

test('a resource that throws when it is closed does not keep the shutdown from closing the others', async () => {
  const closed: string[] = [];
  const shutdown = createShutdown(createLogger('silent', { write: () => {} }));
  shutdown.add({ name: 'first', limitMs: 1000, close: async () => closed.push('first') });
  shutdown.add({ name: 'second', limitMs: 1000, close: refuse });
  await shutdown.close();
  expect(closed).toEqual(['first']);
});
