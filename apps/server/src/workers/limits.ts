import { RateLimiterMemory } from 'rate-limiter-flexible';
import {
  type JoinQuestion,
  type OverNews,
  type Rule,
  spareMax,
  type TakeAnswer,
  type TakeQuestion,
  toFree,
  type Used,
} from '../peers/shared-limit.ts';
import type { Hub } from './hub.ts';

/** Counts the units of all rate limits for all workers, if a key needs more than the free ones. */
export function countLimits(hub: Hub, workers: number): void {
  const limiters = new Map<string, RateLimiterMemory>();
  /** By rule and key. */
  const opening = new Map<string, Promise<unknown>>();

  function toLimiter({ name, max, windowSeconds }: Rule): RateLimiterMemory {
    let limiter = limiters.get(name);
    if (limiter === undefined) {
      limiter = new RateLimiterMemory({ keyPrefix: name, points: max, duration: windowSeconds });
      limiters.set(name, limiter);
    }
    return limiter;
  }

  /** Begins to count a key, with the free units that workers have used. */
  async function open(limiter: RateLimiterMemory, { rule, key, used: own }: TakeQuestion, from: number): Promise<void> {
    const windowMs = rule.windowSeconds * 1000;
    const question: JoinQuestion = { name: rule.name, key, windowMs };
    const answers = await hub.ask('join window', question, from);
    const all = [...answers.values()].filter((used) => used !== null) as Used[];
    const units = all.reduce((sum, used) => sum + used.units, 0);
    const leftMs = Math.min(windowMs, ...[own ?? [], all].flat().map((used) => used.leftMs));
    await limiter.penalty(key, units, { customDuration: Math.max(leftMs, 1) / 1000 });
  }

  /** Other calls wait while a worker's answer is missing. */
  async function ensureOpen(limiter: RateLimiterMemory, question: TakeQuestion, from: number): Promise<void> {
    const { rule, key } = question;
    if (toFree(rule, workers) === 0 || ((await limiter.get(key))?.msBeforeNext ?? 0) > 0) return;
    const id = limiter.getKey(key);
    let opened = opening.get(id);
    if (opened === undefined) {
      opened = open(limiter, question, from).finally(() => opening.delete(id));
      opening.set(id, opened);
    }
    await opened;
  }

  async function takeSpare(limiter: RateLimiterMemory, key: string, free: number): Promise<number> {
    const spare = Math.min(spareMax, Math.floor(free / (4 * workers)));
    if (spare === 0) return 0;
    const { consumedPoints } = await limiter.penalty(key, spare);
    if (consumedPoints <= limiter.points) return spare;
    // Another worker has taken the rest meanwhile.
    await limiter.reward(key, spare);
    return 0;
  }

  async function take(question: TakeQuestion, from: number): Promise<TakeAnswer> {
    const { rule, key, count, used } = question;
    const { name, max } = rule;
    const limiter = toLimiter(rule);
    await ensureOpen(limiter, question, from);
    const news: Pick<OverNews, 'name' | 'key'> = { name, key };
    let taken = await limiter.penalty(key, count + (used?.units ?? 0));
    if (taken.consumedPoints > max) {
      const answers = await hub.ask('give back units', news, from);
      const unused = [...answers.values()].reduce<number>((sum, answer) => sum + Number(answer), 0);
      // The window can end while the workers answer.
      const isSameWindow = (await limiter.get(key)) !== null;
      taken = await (isSameWindow ? limiter.reward(key, unused) : limiter.penalty(key, count));
    }
    const windowMs = taken.msBeforeNext;
    const wasOver = count < 0 && taken.consumedPoints - count > max;
    if (wasOver && taken.consumedPoints <= max) await hub.ask('below the limit', { ...news, windowMs }, from);
    if (taken.consumedPoints > max) {
      await hub.ask('over the limit', { ...news, windowMs } satisfies OverNews, from);
      return { isOver: true, spare: 0, windowMs };
    }
    return { isOver: false, spare: await takeSpare(limiter, key, max - taken.consumedPoints), windowMs };
  }

  hub.on('counts keys', () => limiters.size > 0);
  hub.on('take units', (content, from) => take(content as TakeQuestion, from));
}
