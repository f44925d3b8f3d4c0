import type { Peers } from './peers.ts';

/** A limit of `max` units in each window. */
export interface Rule {
  /** Prefix of this rule's counts. */
  name: string;
  max: number;
  windowSeconds: number;
  /** Whether callers give units back. A server over the limit then asks the store each time, since another one can give back. */
  canGiveBack?: true;
}

/** Adds to a key's count, or gives a part back. Returns null within the limit, otherwise the milliseconds until the window ends. */
export type Limiter = (key: string, count?: number) => Promise<number | null>;

export interface TakeQuestion {
  rule: Rule;
  key: string;
  count: number;
}

export interface TakeAnswer {
  /** Whether the key is over its limit until the window ends. */
  isOver: boolean;
  /** Units beyond the requested ones, which this worker may use until the window ends. */
  spare: number;
  /** Milliseconds until the window ends. */
  windowMs: number;
}

export interface OverNews {
  name: string;
  key: string;
  windowMs: number;
}

interface Held {
  isOver: boolean;
  spare: number;
  /** End of the window, on the clock of `performance.now()`. */
  endsAt: number;
}

const toWaitMs = (windowMs: number) => Math.max(1, Math.ceil(windowMs));

/** Keys of ended windows are forgotten this often, in milliseconds. */
const pruneMs = 30_000;

/**
 * The main process counts for all workers. A worker takes several units at a time, so most calls need no round trip to it. Near
 * the limit, the main process takes back the unused units of other workers, so the limit is exact.
 */
export function createSharedLimits(peers: Peers): (rule: Rule) => Limiter {
  /** By rule, then by key. */
  const rules = new Map<string, Map<string, Held>>();

  function find(name: string, key: string): Held | undefined {
    const held = rules.get(name)?.get(key);
    return held !== undefined && held.endsAt > performance.now() ? held : undefined;
  }

  /** Returns false if this worker has too few units. */
  function spend(name: string, key: string, count: number): boolean {
    const held = find(name, key);
    if (held === undefined || held.isOver || held.spare < count) return false;
    held.spare -= count;
    return true;
  }

  function hold(name: string, key: string, { isOver, spare, windowMs }: TakeAnswer): void {
    // A concurrent call may have taken more.
    const kept = find(name, key)?.spare ?? 0;
    const endsAt = performance.now() + windowMs;
    rules.get(name)?.set(key, { isOver, spare: isOver ? 0 : spare + kept, endsAt });
  }

  peers.on('give back units', (content) => {
    const { name, key } = content as OverNews;
    const held = find(name, key);
    const { spare = 0 } = held ?? {};
    if (held !== undefined) held.spare = 0;
    return spare;
  });
  peers.on('below the limit', (content) => {
    const { name, key } = content as OverNews;
    if (find(name, key)?.isOver) rules.get(name)?.delete(key);
  });
  peers.on('over the limit', (content) => {
    const { name, key, windowMs } = content as OverNews;
    hold(name, key, { isOver: true, spare: 0, windowMs });
  });
  setInterval(() => {
    const now = performance.now();
    for (const keys of rules.values()) for (const [key, { endsAt }] of keys) if (endsAt <= now) keys.delete(key);
  }, pruneMs).unref();

  return (rule) => {
    const { name } = rule;
    rules.set(name, new Map());
    return async (key, count = 1) => {
      const held = find(name, key);
      if (held?.isOver && count >= 0) return toWaitMs(held.endsAt - performance.now());
      if (spend(name, key, count)) return null;
      const question: TakeQuestion = { rule, key, count };
      const taken = (await peers.askMain('take units', question)) as TakeAnswer;
      // A concurrent call of this worker may have taken units in advance, which the main process does not take back.
      if (taken.isOver && count > 0 && spend(name, key, count)) return null;
      hold(name, key, taken);
      return taken.isOver ? toWaitMs(taken.windowMs) : null;
    };
  };
}
