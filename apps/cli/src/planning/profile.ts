import type { CallOptions, Holdfast, List } from '@holdfast/client';
import type { Present } from '@holdfast/quick-add';
import { resolveTimeZone } from '@holdfast/task-values';

/** Data of the user that several parts of a command need. Each request is sent at most once. */
export interface Profile {
  lists(): Promise<List[]>;
  /** The present in the zone of the user, else of the system. */
  present(): Promise<Present>;
}

export function createProfile(holdfast: Holdfast, options: CallOptions): Profile {
  let lists: Promise<List[]> | undefined;
  let present: Promise<Present> | undefined;
  return {
    lists: () => (lists ??= holdfast.list.list(options).then(({ items }) => items)),
    present: () => (present ??= holdfast.user.me(options).then(({ timeZone }) => toPresent(timeZone))),
  };
}

function toPresent(zone: string | null | undefined): Present {
  // Node.js can know fewer zones than the server, and the system can have a zone without an IANA name.
  const zones = [zone, Intl.DateTimeFormat().resolvedOptions().timeZone];
  return { now: new Date(), timeZone: zones.find((one) => one && resolveTimeZone(one) !== null) ?? 'UTC' };
}
