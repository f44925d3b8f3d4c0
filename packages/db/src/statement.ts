import { createHash } from 'node:crypto';
import {
  type Compilable,
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
} from 'kysely';
import type { Tables } from './tables.ts';

/** A value as PostgreSQL's protocol carries it. */
export type Text = string | null;

/** A row as it arrives: the selected columns in order, as PostgreSQL writes them. */
export type TextRow = Text[];

/** A statement that is compiled once here, and prepared once on each connection. */
export interface Statement<Args> {
  /** Unique in this product. */
  readonly name: string;
  /** What it is prepared under: a pooler's connections remember the statements of other versions of this product, too. */
  readonly preparedName: string;
  readonly text: string;
  /** Whether it only reads, so that it may run beside others and be asked again. */
  readonly isRead: boolean;
  /** Whether running it twice with the same arguments comes to the same as once. */
  readonly isRepeatable: boolean;
  toValues(args: Args): Text[];
}

/** Stands for the argument of that name in a statement that is being written. */
export type Parameter<Args> = <Key extends keyof Args>(key: Key) => Args[Key];

/** Statements are written in Kysely, whose builder needs no database. */
const tables = new Kysely<Tables>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
});

class Placeholder {
  readonly key: PropertyKey;
  constructor(key: PropertyKey) {
    this.key = key;
  }
}

/** Compiles a statement whose values are only known later. */
export function createStatement<Args extends object>(
  name: string,
  write: (db: Kysely<Tables>, parameter: Parameter<Args>) => Compilable,
  { isRepeatable }: { isRepeatable?: true } = {},
): Statement<Args> {
  // Kysely passes a value through to the compiled parameters untouched, whatever it is.
  const { sql, parameters, query } = write(tables, (key) => new Placeholder(key) as never).compile();
  const readers = parameters.map((value) =>
    value instanceof Placeholder ? (args: Args) => toText(args[value.key as keyof Args]) : () => toText(value),
  );
  const isRead = query.kind === 'SelectQueryNode' && !('with' in query && query.with !== undefined);
  return {
    name,
    preparedName: toPreparedName(name, sql),
    text: sql,
    isRead,
    isRepeatable: isRepeatable ?? isRead,
    toValues: (args) => readers.map((read) => read(args)),
  };
}

/** A name that no other text has. */
export function toPreparedName(name: string, text: string): string {
  return `${name}_${createHash('sha256').update(text).digest('hex').slice(0, 8)}`;
}

/** A value as PostgreSQL reads and writes it. */
export function toText(value: unknown): Text {
  if (typeof value === 'string' || value === null) return value;
  if (value === undefined) return null;
  if (typeof value === 'boolean') return value ? 't' : 'f';
  if (typeof value === 'number') return String(value);
  throw new TypeError(`a statement takes texts, numbers and booleans, not ${typeof value}`);
}
