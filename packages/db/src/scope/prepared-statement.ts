import { createHash } from 'node:crypto';
import {
  type Compilable,
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
} from 'kysely';
import type { Tables } from '../schema/row-types.ts';

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
  /** How it is asked for several at once; absent where it cannot be. */
  readonly joined?: Joined<Args>;
  toValues(args: Args): Text[];
}

/** One statement in place of several that are the same but for what they look for. */
export interface Joined<Args> {
  readonly statement: Statement<object>;
  /** Its arguments from those of the others. */
  toArgs(all: readonly Args[]): object;
  /** Whether the row is one that the others would have given for these arguments. */
  isFor(args: Args, row: TextRow): boolean;
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
  { isRepeatable, joined }: { isRepeatable?: true; joined?: Joined<Args> } = {},
): Statement<Args> {
  // Kysely passes a value through to the compiled parameters untouched, whatever it is.
  const placeholders = new Map<PropertyKey, Placeholder>();
  const toPlaceholder = (key: PropertyKey) => {
    const placeholder = placeholders.get(key) ?? new Placeholder(key);
    placeholders.set(key, placeholder);
    return placeholder as never;
  };
  const { sql, parameters, query } = write(tables, toPlaceholder).compile();
  // A value that stands in several places travels once.
  const values = [...new Set(parameters)];
  const text = sql.replaceAll(/\$(\d+)/g, (_, number) => `$${values.indexOf(parameters[Number(number) - 1]) + 1}`);
  const readers = values.map((value) =>
    value instanceof Placeholder ? (args: Args) => toText(args[value.key as keyof Args]) : () => toText(value),
  );
  const isRead = query.kind === 'SelectQueryNode' && !('with' in query && query.with !== undefined);
  return {
    name,
    preparedName: toPreparedName(name, text),
    text,
    isRead,
    isRepeatable: isRepeatable ?? isRead,
    ...(joined && { joined }),
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
