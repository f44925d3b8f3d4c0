import type { Fetch } from './response.ts';
import type { TokenSource } from './session/token-source.ts';

const revisionHeader = 'x-holdfast-revision';

/** @throws RangeError if the number is out of range. */
export function toMaxStale(seconds: number | undefined): number | undefined {
  if (seconds === undefined || (Number.isInteger(seconds) && seconds >= 2 && seconds < 1e9)) return seconds;
  throw new RangeError(`\`maxStaleSeconds\` is out of range: ${seconds}. Use a whole number from 2.`);
}

/** Accepts older data in all reads, but not older than the last write of the user by this client. */
export function withMaxStale(fetch: Fetch, tokens: TokenSource, seconds: number): Fetch {
  let newest = { generation: 0, revision: 0 };
  return async (url, init) => {
    const generation = tokens.generation();
    const revision = newest.generation === generation ? newest.revision : 0;
    const headers = {
      ...(init?.headers as Record<string, string>),
      'cache-control': `max-stale=${seconds}`,
      ...(revision > 0 && { [revisionHeader]: String(revision) }),
    };
    const response = await fetch(url, { ...init, headers });
    const written = Number(response.headers.get(revisionHeader));
    if (tokens.generation() === generation && written > revision) newest = { generation, revision: written };
    return response;
  };
}
