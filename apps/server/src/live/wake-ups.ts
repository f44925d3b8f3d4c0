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

  /** The streams of a user. */
  countOf(userId: string): number {
    return this.users.get(userId)?.streams.size ?? 0;
  }

  /** The oldest open stream of the user with the most streams, if they are more than `count`. */
  findReplaceable(count: number): LiveStream | undefined {
    let [oldest, most]: [LiveStream | undefined, number] = [undefined, count];
    for (const { streams } of this.users.values()) {
      if (streams.size <= most) continue;
      const open = [...streams].filter(({ endReason }) => endReason === null);
      if (open.length > most) [oldest, most] = [open[0], open.length];
    }
    return oldest;
  }

  add(stream: LiveStream): void {
    const user = this.users.get(stream.userId);
    if (user === undefined) this.users.set(stream.userId, { streams: new Set([stream]), revision: null });
    else user.streams.add(stream);
  }

  remove(stream: LiveStream): void {
    const streams = this.users.get(stream.userId)?.streams;
    if (streams?.delete(stream) && streams.size === 0) this.users.delete(stream.userId);
  }

  /**
   * Wakes the streams of a user after a write. It is a hint: the streams then read the changes. Other processes of this server
   * that pass on their writes have to call only this.
   */
  wake(userId: string): void {
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
