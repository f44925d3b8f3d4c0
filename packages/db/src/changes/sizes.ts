import { type RawBuilder, sql } from 'kysely';

/** The size that each list and each removed record counts, in bytes. Most are smaller. */
export const smallBytes = 500;

/** The bytes of the rows before the previous one. @param order The columns that order the rows. */
export function sumBytesBefore(order: string): RawBuilder<number> {
  return sql`sum(bytes) over (order by ${sql.raw(order)} rows between unbounded preceding and 2 preceding)`;
}

/** True for all rows before the first one beyond the limit, and for that one, which shows that there is a next page. */
export function isWithin(bytesBefore: RawBuilder<number>, maxBytes: number): RawBuilder<boolean> {
  return sql`coalesce(${bytesBefore}, 0) < ${maxBytes}::bigint`;
}

export interface Limits {
  /** Maximum number of items. */
  limit: number;
  maxBytes: number;
}

/** The number of items before the first one beyond the limits. The first item is always within them. */
export function countWithin(items: readonly { bytes: number }[], { limit, maxBytes }: Limits): number {
  let bytes = 0;
  const end = items.findIndex((item, at) => {
    const isBeyond = at >= limit || bytes >= maxBytes;
    bytes += item.bytes;
    return isBeyond;
  });
  return end === -1 ? items.length : end;
}
