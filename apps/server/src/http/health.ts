import type { Database } from '@holdfast/db';
import { Router } from 'express';

const timeoutMs = 2000;

export interface HealthOptions {
  db: Database;
  isStopping: () => boolean;
}

/** `/livez` reports on the process alone, `/readyz` on whether requests would succeed. */
export function createHealth({ db, isStopping }: HealthOptions): Router {
  let checking: Promise<string | null> | undefined;

  /** Concurrent requests share one query. A query that times out does not delay the next check. */
  function check(): Promise<string | null> {
    checking ??= withTimeout(findDatabaseProblem(db)).finally(() => (checking = undefined));
    return checking;
  }

  return Router()
    .get('/livez', (_req, res) => {
      res.json({ status: 'ok' });
    })
    .get('/readyz', async (_req, res) => {
      const reason = isStopping() ? 'shutting down' : await check();
      res
        .status(reason === null ? 200 : 503)
        .json(reason === null ? { status: 'ok' } : { status: 'unavailable', reason });
    });
}

async function findDatabaseProblem(db: Database): Promise<string | null> {
  try {
    const pending = await db.pendingMigrations();
    return pending.length === 0 ? null : `migrations missing: ${pending.join(', ')}`;
  } catch {
    return 'database unreachable';
  }
}

async function withTimeout(problem: Promise<string | null>): Promise<string | null> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const timer = setTimeout(resolve, timeoutMs, 'database too slow');
  return Promise.race([problem, promise]).finally(() => clearTimeout(timer));
}
