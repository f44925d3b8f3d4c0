import { RateLimiterMemory } from 'rate-limiter-flexible';
import type { OverNews, Rule, TakeAnswer, TakeQuestion } from '../peers/shared-limit.ts';
import type { Hub } from './hub.ts';

/** Most units that a worker gets in advance. */
const spareMax = 50;

/** Counts the units of all rate limits for all workers. */
export function countLimits(hub: Hub, workers: number): void {
  const limiters = new Map<string, RateLimiterMemory>();

  function toLimiter({ name, max, windowSeconds }: Rule): RateLimiterMemory {
    let limiter = limiters.get(name);
    if (limiter === undefined) {
      limiter = new RateLimiterMemory({ keyPrefix: name, points: max, duration: windowSeconds });
      limiters.set(name, limiter);
    }
    return limiter;
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

  async function take({ rule, key, count }: TakeQuestion, from: number): Promise<TakeAnswer> {
    const { name, max } = rule;
    const limiter = toLimiter(rule);
    const news: Pick<OverNews, 'name' | 'key'> = { name, key };
    let taken = await limiter.penalty(key, count);
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

  hub.on('take units', (content, from) => take(content as TakeQuestion, from));
}
