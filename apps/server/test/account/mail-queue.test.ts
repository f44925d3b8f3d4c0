import { expect, test } from 'vitest';
import { createMailQueue, type Mail } from '../../src/mail/mail-queue.ts';
import { createToShare } from '../../src/peers/place.ts';
import { createLogger } from '../../src/telemetry/logger.ts';

const mail = (to: string): Mail => ({ to, subject: 'x', text: 'x' });

function openQueue(deliver: (mail: Mail) => Promise<void>) {
  const log: Record<string, unknown>[] = [];
  const logger = createLogger('debug', { write: (line) => void log.push(JSON.parse(line)) });
  return { log, queue: createMailQueue({ deliver, logger, toShare: createToShare() }) };
}

test('at most four mails are on their way, and at most 1,000 wait or are on their way', async () => {
  const { promise: opened, resolve: open } = Promise.withResolvers<void>();
  const sent: string[] = [];
  let [running, runningMax] = [0, 0];
  const { queue } = openQueue(async ({ to }) => {
    running += 1;
    runningMax = Math.max(runningMax, running);
    await opened;
    sent.push(to);
    running -= 1;
  });
  const add = (at: number) => queue.add('password reset', async () => mail(String(at)));
  for (let at = 1; at <= 1000; at += 1) add(at);
  expect(() => add(1001)).toThrow(
    expect.objectContaining({ code: 'SERVICE_UNAVAILABLE', message: 'Too many mails at the moment. Try again later.' }),
  );
  open();
  await queue.close();
  expect([sent.length, runningMax]).toEqual([1000, 4]);
  expect(() => add(1002)).toThrow('Too many mails');
});

test('a mail that could not be composed is composed again, one that was composed is only sent again', async () => {
  const { promise: done, resolve } = Promise.withResolvers<void>();
  const events: string[] = [];
  const { queue, log } = openQueue(async () => {
    events.push('sent');
    if (events.length < 4) throw new Error('secret');
    resolve();
  });
  queue.add('email change', async () => {
    events.push('composed');
    if (events.length === 1) throw new Error('secret');
    return mail('ada@example.org');
  });
  await done;
  expect(events).toEqual(['composed', 'composed', 'sent', 'sent']);
  expect(log.map(({ msg, attempts }) => [msg, attempts])).toEqual([
    ['mail delayed', 1],
    ['mail delayed', 2],
  ]);
  expect(JSON.stringify(log)).not.toMatch(/secret|example/);
});

test('mails that are refused for now leave room for new ones, and the oldest of too many is given up', async () => {
  const { queue, log } = openQueue(async ({ to }) => {
    if (to !== 'ada@example.org') throw new Error('refused for now');
  });
  for (let batch = 0; batch < 3; batch += 1) {
    for (let at = 0; at < 500; at += 1) queue.add('email verification', async () => mail('x@example.com'));
    await expect
      .poll(() => log.filter(({ msg }) => msg === 'mail delayed').length)
      .toBeGreaterThanOrEqual(500 * (batch + 1));
  }
  expect(log.filter(({ msg }) => msg === 'mail not sent').length).toBeGreaterThan(0);
  queue.add('password reset', async () => mail('ada@example.org'));
  await queue.close();
  expect(log.some(({ kind }) => kind === 'password reset')).toBe(false);
});

test('a queue that closes reports the mails that it would have sent later', async () => {
  const { queue, log } = openQueue(async () => {
    throw new Error('no');
  });
  queue.add('password reset', async () => mail('ada@example.org'));
  await expect.poll(() => log).toHaveLength(1);
  await queue.close();
  expect(log.at(-1)).toMatchObject({ level: 50, msg: 'mail not sent', kind: 'password reset', attempts: 1 });
});
