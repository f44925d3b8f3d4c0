import { onTestFinished } from 'vitest';

/** A page of a stream, as far as tests look at it. */
export interface Page {
  tasks: { id: string; title: string; version: number }[];
  cursor: string | null;
  hasMore: boolean;
  isReset: boolean;
}

export interface Watcher {
  response: Response;
  pages: Page[];
  /** All bytes so far. */
  text: () => string;
  titles: () => string[];
  /** Resolves at the end of the response, with `complete` if the server ended it. */
  ended: Promise<'complete' | 'broken'>;
  close: () => void;
}

export interface WatchOptions {
  jwt?: string;
  /** Default: the `jwt` authenticates. */
  cookie?: string;
  since?: string | null | undefined;
  lastEventId?: string | null | undefined;
  headers?: Record<string, string>;
}

/** Opens a stream over plain HTTP, and closes it after the test. */
export async function watch(url: string, { jwt, cookie, since, lastEventId, headers }: WatchOptions): Promise<Watcher> {
  const closing = new AbortController();
  onTestFinished(() => closing.abort());
  const response = await fetch(`${url}/trpc/changes.watch`, {
    method: 'POST',
    headers: {
      ...(cookie === undefined ? { authorization: `Bearer ${jwt}` } : { cookie }),
      accept: 'text/event-stream, application/json',
      'content-type': 'application/json',
      ...(lastEventId && { 'last-event-id': lastEventId }),
      ...headers,
    },
    body: JSON.stringify({ ...(since && { since }) }),
    signal: closing.signal,
  });
  const pages: Page[] = [];
  let [text, rest] = ['', ''];
  const decoder = new TextDecoder();
  async function read(): Promise<void> {
    for await (const chunk of response.body!) {
      const part = decoder.decode(chunk as Uint8Array, { stream: true });
      text += part;
      const events = (rest + part).split('\n\n\n');
      rest = events.pop()!;
      for (const event of events) {
        if (event.startsWith('data: ')) pages.push(JSON.parse(event.split('\n')[0]!.slice('data: '.length)) as Page);
      }
    }
  }
  const ended = read().then(
    () => 'complete' as const,
    () => 'broken' as const,
  );
  return {
    response,
    pages,
    text: () => text,
    titles: () => pages.flatMap(({ tasks }) => tasks.map(({ title }) => title)),
    ended,
    close: () => closing.abort(),
  };
}
