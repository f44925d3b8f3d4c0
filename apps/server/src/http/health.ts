import type { Database } from '@holdfast/db';
import { Router } from 'express';

const patienceMs = 2000;

export interface HealthOptions {
  db: Database;
  isStopping: () => boolean;
}

/** `/livez` speaks for the process alone; `/readyz` for whether requests would succeed. */
export function createHealth({ db, isStopping }: HealthOptions): Router {
  let asking: Promise<string | null> | undefined;

  /** However many ask at once, the database is asked once; what it does not answer in time is not waited for again. */
  function ask(): Promise<string | null> {
    asking ??= withPatience(findDatabaseProblem(db)).finally(() => (asking = undefined));
    return asking;
  }

  return Router()
    .get('/livez', (_req, res) => {
      res.json({ status: 'ok' });
    })
    .get('/readyz', async (_req, res) => {
      const reason = isStopping() ? 'shutting down' : await ask();
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

async function withPatience(answer: Promise<string | null>): Promise<string | null> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const timer = setTimeout(resolve, patienceMs, 'database too slow');
  return Promise.race([answer, promise]).finally(() => clearTimeout(timer));
}
