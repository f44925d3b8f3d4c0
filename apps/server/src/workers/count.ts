import { availableParallelism } from 'node:os';
import type { Settings } from '../env.ts';

/** Number of workers. `auto` is one for each core, and leaves each at least two connections to the database. */
export function countWorkers({ workers, poolMax }: Pick<Settings, 'workers' | 'poolMax'>): number {
  if (workers !== 'auto') return workers;
  return Math.max(1, Math.min(availableParallelism(), Math.floor(poolMax / 2)));
}
