import { type RawBuilder, sql } from 'kysely';
import type { Parameters } from '../scope/prepared-statement.ts';

/** The new value of a column: the argument with its name, or the stored value if that argument is not given. */
export function toNewValue<Args>(
  { value, isGiven }: Parameters<Args>,
  column: keyof Args & string,
): RawBuilder<unknown> {
  return sql`case when ${isGiven(column)} then ${value(column)} else ${sql.ref(column)} end`;
}

/** Whether the argument with the column's name is given and differs from the stored value. */
export function isChanged<Args>(
  { value, isGiven }: Parameters<Args>,
  column: keyof Args & string,
): RawBuilder<boolean> {
  return sql<boolean>`(${isGiven(column)} and ${sql.ref(column)} is distinct from ${value(column)})`;
}
