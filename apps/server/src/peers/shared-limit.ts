import type { Place } from './place.ts';

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
  /** What the worker has used of its free units, which it reports once. */
  used: Used | null;
}

/** Free units that a worker has used before the main process counts the key. */
export interface Used {
  units: number;
  /** Milliseconds until the worker's window ends. */
  leftMs: number;
}

/** The main process begins to count a key for all workers. A worker answers with `Used` or null. */
export interface JoinQuestion {
  name: string;
  key: string;
  windowMs: number;
}

/** Most units of a key that a worker gets in advance, or uses before it asks. */
export const spareMax = 50;

/** Units of a key that each worker may use before the main process counts the key: a quarter of the limit together. */
export function toFree({ max }: Rule, workers: number): number {
  return Math.min(spareMax, Math.floor(max / (4 * workers)));
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
  /** Used units that the main process does not know. Null if it counts the key. */
  used: number | null;
  /** End of the window, on the clock of `performance.now()`. */
  endsAt: number;
}

const toWaitMs = (windowMs: number) => Math.max(1, Math.ceil(windowMs));

/** Keys of ended windows are forgotten this often, in milliseconds. */
const pruneMs = 30_000;

/**
 * Each worker lets the first calls of a key pass without a message. After them, the main process counts the key for all workers
 * until the window ends, first what they have used. A worker takes several units at a time, so most calls need no round trip to
 * it. Near the limit, the main process takes back the unused units of other workers, so the limit is exact.
 */
export function createSharedLimits({ peers, workers }: Place): (rule: Rule) => Limiter {
  /** By rule, then by key. */
  const rules = new Map<string, Map<string, Held>>();
  let startedAt = Infinity;

  async function findStart(): Promise<void> {
    const isCounting = await peers.askMain('counts keys', null);
    // The main process of an older version does not know the question.
    if (typeof isCounting === 'boolean') startedAt = isCounting ? performance.now() : -Infinity;
  }

  function find(name: string, key: string): Held | undefined {
    const held = rules.get(name)?.get(key);
    return held !== undefined && held.endsAt > performance.now() ? held : undefined;
  }

  function set(name: string, key: string, { windowMs, ...held }: Omit<Held, 'endsAt'> & { windowMs: number }): void {
    rules.get(name)?.set(key, { ...held, endsAt: performance.now() + windowMs });
  }

  /** Returns false if this worker has too few units. */
  function spend(name: string, key: string, count: number): boolean {
    const held = find(name, key);
    if (held === undefined || held.isOver || held.spare < count) return false;
    held.spare -= count;
    if (held.used !== null) held.used += count;
    return true;
  }

  /** Begins a window without the main process, which could count the key already if this worker has started after others. */
  function begin(rule: Rule, key: string, count: number): boolean {
    const { name, windowSeconds } = rule;
    const free = toFree(rule, workers);
    const windowMs = windowSeconds * 1000;
    if (count < 0 || count > free || performance.now() < startedAt + windowMs) return false;
    set(name, key, { isOver: false, spare: free - count, used: count, windowMs });
    return true;
  }

  /** From now on, the main process counts the key. Returns what it does not know yet. */
  function report(held: Held | undefined): Used | null {
    if (held === undefined || held.used === null) return null;
    const used = { units: held.used, leftMs: held.endsAt - performance.now() };
    held.spare = 0;
    held.used = null;
    return used;
  }

  function hold(name: string, key: string, { isOver, spare, windowMs }: TakeAnswer): void {
    // A concurrent call may have taken more.
    const kept = find(name, key)?.spare ?? 0;
    set(name, key, { isOver, spare: isOver ? 0 : spare + kept, used: null, windowMs });
  }

  peers.on('join window', (content) => {
    const { name, key, windowMs } = content as JoinQuestion;
    const used = report(find(name, key));
    set(name, key, { isOver: false, spare: 0, used: null, windowMs });
    return used;
  });
  peers.on('give back units', (content) => {
    const { name, key } = content as OverNews;
    const held = find(name, key);
    const { spare = 0 } = held ?? {};
    if (held !== undefined) held.spare = 0;
    return spare;
  });
  peers.on('below the limit', (content) => {
    const { name, key } = content as OverNews;
    const held = find(name, key);
    // The main process counts the key still, so the worker asks for each unit.
    if (held?.isOver) held.isOver = false;
  });
  peers.on('over the limit', (content) => {
    const { name, key, windowMs } = content as OverNews;
    hold(name, key, { isOver: true, spare: 0, windowMs });
  });
  void findStart();
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
      if (held === undefined ? begin(rule, key, count) : spend(name, key, count)) return null;
      const question: TakeQuestion = { rule, key, count, used: report(held) };
      const taken = (await peers.askMain('take units', question)) as TakeAnswer;
      // A concurrent call of this worker may have taken units in advance, which the main process does not take back.
      if (taken.isOver && count > 0 && spend(name, key, count)) return null;
      hold(name, key, taken);
      return taken.isOver ? toWaitMs(taken.windowMs) : null;
    };
  };
}
