import { EventEmitter } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Connection } from 'pg';
import { beforeEach, expect, test } from 'vitest';
import { PipelineMessages } from '../../src/scope/pipeline-messages.ts';

/** The messages of each write, with their sizes in kilobytes. */
let written: number[];
let connection: Connection;

beforeEach(() => {
  written = [];
  const stream = { destroyed: false, write: (bytes: Buffer) => written.push(Math.round(bytes.length / 1000)) };
  connection = Object.assign(new EventEmitter(), { stream }) as unknown as Connection;
});

/** Transactions with values of so many kilobytes. */
const toMessages = (...sizes: number[]) =>
  new PipelineMessages(
    sizes.map((kilobytes) => ({
      statements: [{ preparedName: 'statement', text: 'select $1', values: ['x'.repeat(kilobytes * 1000)] }],
      frame: { before: [] },
    })),
    true,
  );

async function nextTurns(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await nextTurn();
}

test('short transactions are written at once', async () => {
  toMessages(20, 20, 20, 0, 0).write(connection, 0);
  await nextTurns();
  expect(written).toEqual([60]);
});

test('long transactions are written in several turns, whether or not there is a response', async () => {
  const messages = toMessages(40, 40, 200, 20, 20);
  expect(messages.write(connection, 0)).toEqual(['statement']);
  expect(written).toEqual([80]);
  await nextTurn();
  expect(written).toEqual([80, 200]);
  await nextTurns();
  expect(written).toEqual([80, 200, 40]);
});

test('a transaction that can run is written at once, and only once', async () => {
  const messages = toMessages(80, 80, 80);
  for (const at of [0, 1, 2]) messages.write(connection, at);
  expect(written).toEqual([80, 80, 80]);
  await nextTurns();
  expect(written).toEqual([80, 80, 80]);
});

test('nothing more is written to a lost connection', async () => {
  toMessages(80, 80).write(connection, 0);
  connection.stream.destroyed = true;
  await nextTurns();
  expect(written).toEqual([80]);
});
