import { findTouched, type Operation } from './operations.ts';

/** The server accepts 20 calls and 1 MiB per request. A character can have three bytes. */
const callsMax = 20;
const charactersMax = 300_000;

export interface WaveOptions {
  /** Operations that the server has accepted already. */
  accepted: ReadonlySet<string>;
  /** True sends one operation only. */
  isSingle?: boolean;
}

/**
 * The next operations to send together. Operations on one record are sent one after the other. An operation waits for a refused
 * one on the same record.
 */
export function findWave(ops: readonly Operation[], { accepted, isSingle = false }: WaveOptions): Operation[] {
  const wave: Operation[] = [];
  const changed = new Set<string>();
  const needed = new Set<string>();
  let characters = 0;
  for (const op of ops) {
    const touched = findTouched(op);
    const own = [...touched.tasks.map((id) => `task ${id}`), ...touched.lists.map((id) => `list ${id}`)];
    const needs = touched.needed.map((id) => `list ${id}`);
    const isBlocked =
      own.some((record) => changed.has(record) || needed.has(record)) || needs.some((record) => changed.has(record));
    if (accepted.has(op.id)) continue;
    for (const record of own) changed.add(record);
    for (const record of needs) needed.add(record);
    if (isBlocked || op.refusal || op.order === undefined) continue;
    const length = JSON.stringify(op.input).length;
    // An operation that can change all tasks is sent alone.
    const isFull = characters + length > charactersMax || wave.length === callsMax || touched.isBroad || isSingle;
    if (isFull && wave.length > 0) break;
    wave.push(op);
    characters += length;
    if (touched.isBroad || isSingle) break;
  }
  return wave;
}
