import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { waitingForLocksSql } from '../../src/testing/index.ts';
import type { PlannedTransaction, Step } from './plan.ts';

export interface Session {
  /** Sends the next step. Does nothing while the previous one waits for a lock. */
  advance(): void;
  /** Whether a step is running, or waits for a lock. */
  readonly isBusy: boolean;
  readonly pid: number;
  readonly isDone: boolean;
  /** Ends the transaction without a commit, and the connection. */
  close(): Promise<void>;
}

/** Changes the steps of a transaction, in tests of what the design prevents. */
export type Rewrite = (step: Step) => Step;

export interface SessionOptions {
  control: Client;
  rewrite: Rewrite;
  /** Called with the SQLSTATE of each failed step. Its transaction ends there. */
  onFailure(code: string): void;
}

export async function openSession(
  url: string,
  transactions: readonly PlannedTransaction[],
  { control, rewrite, onFailure }: SessionOptions,
): Promise<Session> {
  const rest = [...transactions];
  let client = await connect(url);
  let steps: Step[] | undefined;
  let running: Promise<void> | undefined;
  const pidOf = () => (client as unknown as { processID: number }).processID;
  const run = async () => {
    const transaction = rest[0]!;
    if (steps === undefined) {
      steps = [...transaction.steps];
      await client.query('begin');
      await client.query(`select set_config('role', $1, true), set_config('app.user_id', $2, true)`, [
        transaction.role,
        transaction.user,
      ]);
      return;
    }
    const step = steps.shift();
    if (step !== undefined) {
      const { text, values } = rewrite(step);
      await client.query(text, values);
      return;
    }
    rest.shift();
    steps = undefined;
    if (transaction.end !== 'kill') {
      await client.query(transaction.end);
      return;
    }
    const pid = pidOf();
    await control.query('select pg_terminate_backend($1)', [pid]);
    await waitUntilGone(control, pid);
    client = await connect(url);
  };
  return {
    advance() {
      if (running !== undefined || rest.length === 0) return;
      running = run()
        .catch(async (error: Error & { code?: string }) => {
          onFailure(error.code ?? error.message);
          if (steps !== undefined) rest.shift();
          steps = undefined;
          // It also fails if the session was closed meanwhile.
          await client.query('rollback').catch(() => {});
        })
        .finally(() => {
          running = undefined;
        });
    },
    get isBusy() {
      return running !== undefined;
    },
    get pid() {
      return pidOf();
    },
    get isDone() {
      return rest.length === 0 && running === undefined;
    },
    close: () => client.end(),
  };
}

async function connect(url: string): Promise<Client> {
  const client = new Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  return client;
}

async function waitUntilGone(control: Client, pid: number): Promise<void> {
  while ((await control.query('select from pg_stat_activity where pid = $1', [pid])).rowCount! > 0) await sleep(1);
}

/** Waits until each session is idle or waits for a lock of another one. */
export async function settle(sessions: readonly Session[], control: Client): Promise<void> {
  for (;;) {
    await sleep(0);
    const busy = sessions.filter(({ isBusy }) => isBusy);
    if (busy.length === 0) return;
    const { rows } = await control.query<{ pid: number }>(waitingForLocksSql);
    const waiting = new Set(rows.map(({ pid }) => pid));
    if (busy.every((session) => !session.isBusy || waiting.has(session.pid))) return;
  }
}
