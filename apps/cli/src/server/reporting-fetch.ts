import type { Output } from '../terminal/output.ts';

const silenceMs = 1000;

/** A `fetch` that reports once at a terminal if no response has arrived for a second, also during retries. */
export function createReportingFetch(server: string, output: Output): typeof fetch {
  let timer: NodeJS.Timeout | undefined;
  let isReported = false;

  function report(): void {
    if (!isReported) output.progress(`Waiting for ${server} …`);
    isReported = true;
  }

  return async (...request) => {
    timer ??= setTimeout(report, silenceMs).unref();
    const response = await fetch(...request);
    clearTimeout(timer);
    timer = undefined;
    return response;
  };
}
