import { expect } from 'vitest';
import type { TestServer } from '../fixture.ts';
import type { WireResponse } from './wire.ts';

const env = process.env;

/** Fixed, so that every run of the pipeline sends the same requests. FUZZ_SEED and FUZZ_FACTOR search for new failures. */
export const toParameters = (runs: number) => ({
  seed: Number(env['FUZZ_SEED'] ?? 1_128),
  numRuns: runs * Number(env['FUZZ_FACTOR'] ?? 1),
});

/** Stack frames, paths of our code, and texts of PostgreSQL and its driver. */
const internals =
  /\n\s+at |node_modules|\/src\/|\.ts:\d|\b(?:relation|column|constraint|function) "|violates|syntax error at|invalid input syntax|out of range for type|SQLSTATE|DriverException|select .+ from /i;

/** Checks one server after each request: its responses, and what it has logged since the last check. */
export function createJudge({ url, log }: TestServer) {
  let seen = log.length;

  function takeErrors(): unknown[] {
    const lines = log.slice(seen);
    seen = log.length;
    return lines.filter(({ level }) => Number(level) >= 50);
  }

  return {
    judge(responses: readonly WireResponse[]): void {
      const errors = takeErrors();
      for (const { status, headers, body } of responses) {
        const shown = `${status} ${body.slice(0, 500)}`;
        expect(status, shown).not.toBe(500);
        // The metrics have a series for each code, and the description of the API names each.
        if (headers.get('content-type')?.includes('json') && !body.startsWith('{"openapi":'))
          expect(body).not.toContain('INTERNAL_SERVER_ERROR');
        expect(body).not.toMatch(internals);
        expect(headers.get('x-request-id'), shown).toMatch(/^[\w.-]{1,128}$/);
        if (status >= 400 && body !== '') expect(JSON.parse(body), shown).toBeTypeOf('object');
      }
      expect(errors).toEqual([]);
    },
    async assertReady(): Promise<void> {
      expect((await fetch(`${url}/readyz`)).status).toBe(200);
      expect(takeErrors()).toEqual([]);
    },
  };
}
