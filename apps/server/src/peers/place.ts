import type { Peers } from './peers.ts';

/** The place of this process among the workers of the server. */
export interface Place {
  /** From 1. */
  readonly number: number;
  /** Number of workers. */
  readonly workers: number;
  readonly peers: Peers;
}

/** Why the process ends: the server stops, or another worker serves in place of this process. */
export type StopReason = 'stopped' | 'replaced';

/** Returns the part of a limit of the server that applies to this process: at least 1. */
export type ToShare = (limit: number) => number;

/** @param workers Number of workers of the server. Default 1. */
export function createToShare(workers = 1): ToShare {
  return (limit) => Math.ceil(limit / workers);
}

/** Divides connections so that the shares of all workers are exactly `max` together. */
export function toExactShare(max: number, place: Place | undefined): number {
  if (place === undefined) return max;
  return Math.floor(max / place.workers) + (place.number <= max % place.workers ? 1 : 0);
}
