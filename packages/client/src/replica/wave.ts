import { findRecords, isBroad, type Operation } from './operations.ts';

/** The server accepts 20 calls and 1 MiB per request. A character can have three bytes, and proxies can accept less. */
const callsMax = 20;
const charactersMax = 100_000;

/**
 * The next operations to send together. Operations on one record are sent one after the other. An operation waits for a refused
 * one on the same record. One that can change all tasks is sent alone.
 */
export function findWave(ops: readonly Operation[], isAccepted: (op: Operation) => boolean): Operation[] {
  const wave: Operation[] = [];
  const [changed, needed, unconfirmed] = [new Set<string>(), new Set<string>(), new Set<string>()];
  let characters = 0;
  for (const op of ops) {
    const records = findRecords(op);
    if (isAccepted(op)) {
      for (const record of records.changed) unconfirmed.add(record);
      continue;
    }
    const isBlocked =
      records.changed.some((record) => changed.has(record) || needed.has(record)) ||
      records.needed.some((record) => changed.has(record)) ||
      // A description is compared with the one of the server, which must be current.
      (op.description !== undefined && records.changed.some((record) => unconfirmed.has(record)));
    for (const record of records.changed) changed.add(record);
    for (const record of records.needed) needed.add(record);
    if (isBlocked || op.refusal || !op.order) continue;
    characters += JSON.stringify(op.input).length;
    const isAlone = isBroad(op);
    if (wave.length > 0 && (isAlone || characters > charactersMax || wave.length === callsMax)) break;
    wave.push(op);
    if (isAlone) break;
  }
  return wave;
}
