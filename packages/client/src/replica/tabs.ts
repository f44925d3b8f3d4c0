import { onPageEvent } from '../network.ts';
import type { Commit } from './storage.ts';

// The parts of a page that the tabs use. Their types are in the DOM library.
interface Locks {
  request(name: string, options: { signal: AbortSignal }, run: () => Promise<void>): Promise<void>;
}
interface Channel {
  addEventListener(type: 'message', listener: (event: { data: Message }) => void): void;
  postMessage(message: Message): void;
  close(): void;
}
interface Page {
  navigator?: { locks?: Locks };
  BroadcastChannel?: new (name: string) => Channel;
  document?: { visibilityState: string };
}
const page = globalThis as unknown as Page;

/** A message to the other tabs of the same user. An empty one is from a new tab. */
export interface Message {
  commit?: Commit;
  /** What the leading tab knows about the server. */
  connection?: { isOnline: boolean; error: Error | null };
}

/** True if tabs of this browser can share one storage. */
export const canShare = () => Boolean(page.navigator?.locks && page.BroadcastChannel);

export interface TabsOptions {
  name: string;
  onMessage(message: Message): void;
  /** Receives and sends until the signal is aborted. */
  lead(signal: AbortSignal): Promise<void>;
  /** True if a hidden tab must go on. */
  isBusy(): boolean;
  onVisible(): void;
}

export interface Tabs {
  send(message: Message): void;
  /** Leads without the other tabs. */
  leave(): void;
  close(): Promise<void>;
}

const isHidden = () => page.document?.visibilityState === 'hidden';

/** One of the tabs leads. If it closes or crashes, the browser lets another one lead. */
export function openTabs({ name, onMessage, lead, isBusy, onVisible }: TabsOptions, isShared: boolean): Tabs {
  /** A hidden tab stops after this time, so that the database can sleep. */
  const hiddenMs = 60_000;
  let channel = isShared ? new page.BroadcastChannel!(name) : undefined;
  let term: AbortController | undefined;
  let running: Promise<void> = Promise.resolve();
  let timer: ReturnType<typeof setTimeout> | undefined;
  channel?.addEventListener('message', ({ data }) => onMessage(data));

  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- Only messages to windows have a target.
  const send = (message: Message) => channel?.postMessage(message);

  function start(): void {
    if (term) return;
    const { signal } = (term = new AbortController());
    const before = running;
    const run = async () => {
      await before;
      if (!signal.aborted) await lead(signal);
    };
    // The request fails if it is withdrawn before the tab leads.
    const request = channel ? page.navigator!.locks!.request(name, { signal }, run) : run();
    running = request.catch(() => {});
  }

  function stop(): void {
    term?.abort();
    term = undefined;
  }

  function check(): void {
    clearTimeout(timer);
    if (isHidden()) timer = setTimeout(() => (isBusy() ? check() : stop()), hiddenMs);
    else start();
  }

  const stopListening = onPageEvent('visibilitychange', () => {
    check();
    if (!isHidden()) onVisible();
  });
  start();
  check();
  send({});

  function leave(): void {
    stop();
    channel?.close();
    channel = undefined;
  }

  return {
    send,
    leave() {
      leave();
      check();
    },
    async close() {
      leave();
      clearTimeout(timer);
      stopListening();
      await running;
    },
  };
}
