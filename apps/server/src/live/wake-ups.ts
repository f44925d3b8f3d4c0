import type { Peers } from '../peers/peers.ts';
import { SharedCounts } from '../peers/shared-counts.ts';
import type { LiveStream } from './live-stream.ts';

/** A user with open streams. */
export interface WatchedUser {
  readonly streams: Set<LiveStream>;
  /** The user's revision at the last poll. Null before the first one. */
  revision: number | null;
}

/** The users with open streams, and the one way to wake their streams. */
export class WakeUps {
  readonly users = new Map<string, WatchedUser>();
  readonly #peers: Peers | null;
  /** The streams of all workers, by user. */
  readonly #counts: SharedCounts;
  /** The users to wake in other workers, by worker. */
  readonly #unsent = new Map<number, Set<string>>();

  /** @param peers Null if this process is the whole server. */
  constructor(peers: Peers | null = null) {
    this.#peers = peers;
    this.#counts = new SharedCounts({ peers, topic: 'streams' });
    peers?.on('wake', (userIds) => {
      for (const userId of userIds as string[]) this.#wakeOwn(userId);
    });
    peers?.on('make room', (userId) => this.#endOldest(userId as string));
  }

  /** Reads the streams of the other workers. Call it before this process serves. */
  load(): Promise<void> {
    return this.#counts.load();
  }

  /** The streams of a user, in all workers. */
  countOf(userId: string): number {
    return this.#counts.of(userId);
  }

  /** The streams of the other workers. */
  get countOfOthers(): number {
    return this.#counts.totalOfOthers;
  }

  /**
   * Ends the oldest stream of the user with the most streams, if they are more than `count`. If the user has streams in several
   * workers, it is the oldest one of this process.
   */
  endOneOfMost(count: number): boolean {
    let [greediest, most]: [string | undefined, number] = [undefined, count];
    for (const userId of [...this.users.keys(), ...this.#counts.keys()]) {
      if (this.countOf(userId) <= most) continue;
      const open = this.#findOpen(userId).length + this.#counts.ofOthers(userId);
      if (open > most) [greediest, most] = [userId, open];
    }
    if (greediest === undefined) return false;
    if (!this.#endOldest(greediest)) {
      const [worker] = this.#counts.holders(greediest);
      this.#peers?.tell('make room', greediest, [worker!]);
    }
    return true;
  }

  #findOpen(userId: string): LiveStream[] {
    return [...(this.users.get(userId)?.streams ?? [])].filter(({ endReason }) => endReason === null);
  }

  #endOldest(userId: string): boolean {
    const [oldest] = this.#findOpen(userId);
    oldest?.end('place');
    return oldest !== undefined;
  }

  /** Returns a promise that resolves when all other workers know the stream, and pass on writes from then on. */
  add(stream: LiveStream): Promise<void> | undefined {
    let user = this.users.get(stream.userId);
    if (user === undefined) this.users.set(stream.userId, (user = { streams: new Set(), revision: null }));
    user.streams.add(stream);
    return this.#counts.add(stream.userId, 1);
  }

  remove(stream: LiveStream): void {
    const streams = this.users.get(stream.userId)?.streams;
    if (!streams?.delete(stream)) return;
    if (streams.size === 0) this.users.delete(stream.userId);
    void this.#counts.add(stream.userId, -1);
  }

  /** Wakes the streams of a user, in all workers, after a write. It is a hint: the streams then read the changes. */
  wake(userId: string): void {
    this.#wakeOwn(userId);
    if (this.#peers === null) return;
    for (const worker of this.#counts.holders(userId)) this.#wakeIn(worker, userId);
  }

  /** Writes of the same turn of the event loop are one message. */
  #wakeIn(worker: number, userId: string): void {
    if (this.#unsent.size === 0) {
      setImmediate(() => {
        for (const [id, userIds] of this.#unsent) this.#peers!.tell('wake', [...userIds], [id]);
        this.#unsent.clear();
      });
    }
    const userIds = this.#unsent.get(worker);
    if (userIds === undefined) this.#unsent.set(worker, new Set([userId]));
    else userIds.add(userId);
  }

  #wakeOwn(userId: string): void {
    const user = this.users.get(userId);
    if (user === undefined) return;
    const now = performance.now();
    for (const stream of user.streams) stream.wake({ source: 'commit', at: now });
  }

  /** Wakes the streams that have not reached a revision that the poll has found. */
  wakeBehind(userId: string, { revision, at }: { revision: number; at: number }): void {
    const user = this.users.get(userId);
    if (user === undefined) return;
    user.revision = revision;
    for (const stream of user.streams) if (stream.revision !== revision) stream.wake({ source: 'poll', at });
  }
}
