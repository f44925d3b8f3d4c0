import { type RawBuilder, sql } from 'kysely';

/** The digits of positions, in the order of their bytes. */
const digits = sql.lit('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz');
/** The digits that can end a position: all except `0`. */
const lastDigits = 61;

type Text = RawBuilder<string>;

/**
 * SQL for the start of all new positions between two others: a key that sorts after `lower` and, with any digits after it,
 * before `upper`. It is the shortest that can be made by raising one digit of `lower`, or else `lower` with zeros.
 *
 * @param lower A position, or an empty text for the start of the list.
 * @param upper A greater position, or null for the end of the list.
 */
export function createPrefix(lower: Text, upper: Text): Text {
  const raised = sql`left(start, at) || substr(${digits}, strpos(${digits}, substr(start, at + 1, 1)) + 1, 1)`;
  return sql`(
    select coalesce(
      (select key from generate_series(${integerLength(sql`start`)}, length(start) - 1) as at
        cross join lateral (select ${raised} as key) as raised
        where substr(start, at + 1, 1) <> 'z'
          and (${upper} is null or (key < ${upper} and not starts_with(${upper}, key)))
        order by at limit 1),
      case when starts_with(${upper}, start)
        then start || repeat('0', 1 + length(${afterStart(upper)}) - length(ltrim(${afterStart(upper)}, '0')))
        else start end)
    from (select case when ${lower} = '' then ${integerBefore(upper)} else ${lower} end as start) as given)`;
}

function afterStart(upper: Text): Text {
  return sql`substr(${upper}, length(start) + 1)`;
}

/** The length of the integer at the start of a position. Its first letter says it: `a` has one digit, `b` two; `Z` one, `Y` two. */
function integerLength(key: Text): RawBuilder<number> {
  return sql`case when ${key} >= 'a' then ascii(${key}) - 95 else 92 - ascii(${key}) end`;
}

/** The greatest integer with an earlier first letter. */
function integerBefore(key: Text): Text {
  return sql`case when ${key} >= 'b' then chr(ascii(${key}) - 1) || repeat('z', ascii(${key}) - 97)
    when ${key} >= 'a' then 'Zz'
    when ${key} >= 'B' then chr(ascii(${key}) - 1) || repeat('z', 92 - ascii(${key}))
    else 'A00000000000000000000000000' end`;
}

/** SQL for the digits after the prefix: evenly spaced, of the same length for all, ascending with `place` from 1 to `size`. */
export function createSuffix(place: RawBuilder<unknown>, size: RawBuilder<unknown>): Text {
  const numberOf = (count: number) => sql`((2 * ${place} - 1) * ${sql.lit(count)} / (2 * ${size}))::int`;
  const two = numberOf(62 * lastDigits);
  return sql`case when ${size} <= ${sql.lit(lastDigits)} then substr(${digits}, ${numberOf(lastDigits)} + 2, 1)
    else substr(${digits}, ${two} / ${sql.lit(lastDigits)} + 1, 1) || substr(${digits}, ${two} % ${sql.lit(lastDigits)} + 2, 1) end`;
}
