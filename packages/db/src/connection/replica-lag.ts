import type { InstrumentedPool } from './pool.ts';

/** How far a replica is behind its primary. */
export interface ReplicaLag {
  /** Milliseconds by which the data of the replica may be behind at most. Infinity if that is not known yet. */
  readMs(): number;
  /** The same at the time of the last comparison. Null before the first one. */
  readonly lastMs: number | null;
  close(): void;
}

/** A place in the log of the primary, which had at most this length at a time on the clock of `performance.now()`. */
interface Position {
  readonly at: number;
  readonly bytes: bigint;
}

type Row = { bytes: string | null };

const sampleMs = 1000;
/** Without reads, nothing is sampled, so that a database without load can be suspended. */
const idleMs = 10_000;
const positionsMax = 300;

const primarySql = `select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::text as bytes`;
const replicaSql = `select pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0')::text as bytes`;

/**
 * Compares the logs of both servers once a second while reads ask for the lag. It does not compare clocks: a replica that has
 * replayed the log up to a position has all that was committed when the primary was at that position.
 */
export function watchReplicaLag(primary: InstrumentedPool, replica: InstrumentedPool): ReplicaLag {
  let positions: Position[] = [];
  let freshAt = -Infinity;
  let comparedAt: number | null = null;
  let askedAt = -Infinity;
  let isRunning = false;
  let isClosed = false;
  let timer: NodeJS.Timeout | undefined;

  async function sample(): Promise<void> {
    const at = performance.now();
    const [written] = await primary.queryOnce<Row>(primarySql);
    positions.push({ at, bytes: BigInt(written!.bytes!) });
    const [replayed] = await replica.queryOnce<Row>(replicaSql);
    // Null if the server does not follow another one.
    if (replayed!.bytes === null) return;
    const reached = BigInt(replayed!.bytes);
    comparedAt = at;
    freshAt = positions.findLast(({ bytes }) => bytes <= reached)?.at ?? freshAt;
    positions = positions.filter(({ bytes }) => bytes > reached).slice(-positionsMax);
  }

  async function run(): Promise<void> {
    // If one of the servers cannot be reached, the lag grows.
    await sample().catch(() => {});
    if (isClosed || performance.now() - askedAt > idleMs) {
      isRunning = false;
      return;
    }
    timer = setTimeout(() => void run(), sampleMs);
    timer.unref();
  }

  return {
    readMs() {
      askedAt = performance.now();
      if (!isRunning && !isClosed) {
        isRunning = true;
        void run();
      }
      return askedAt - freshAt;
    },
    get lastMs() {
      return comparedAt === null ? null : comparedAt - freshAt;
    },
    close() {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}
