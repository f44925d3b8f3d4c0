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

/** A value in the text format of PostgreSQL's protocol. */
export type Text = string | null;

/** The selected columns of a row, in order, in PostgreSQL's text format. */
export type TextRow = Text[];

/** A statement that is compiled once per process and prepared once per connection. */
export interface Statement<Args> {
  /** Unique in Holdfast; appears in logs, metrics and `pnpm db explain`. */
  readonly name: string;
  /** Includes a hash of the text, because a pooler's connections may hold statements of other versions. */
  readonly preparedName: string;
  readonly text: string;
  /** Whether it only reads, so that it may share a transaction with other reads and run on a replica. */
  readonly isRead: boolean;
  /** If true, it never runs on a replica, which may lag behind. */
  readonly isOnPrimary?: true;
  /** Whether running it twice with the same arguments has the same effect as running it once. */
  readonly isIdempotent: boolean;
  /** Whether a call can take seconds: it compares all texts or labels of a user's tasks, or changes many of them. Default: never. */
  isLong?(args: Args): boolean;
  /** True if it takes the user's next revision and returns it, as the first statement of each write does. */
  readonly takesRevision?: true;
  /** Runs several calls of the statement as one. Absent if there is no such form. */
  readonly batch?: Batch<Args>;
  toValues(args: Args): Text[];
}

/** One statement that replaces several calls of another. */
export interface Batch<Args> {
  readonly statement: Statement<object>;
  toArgs(calls: readonly Args[]): object;
  /** Whether the row belongs to the result of the call with these arguments. */
  isFor(args: Args, row: TextRow): boolean;
}

/** Placeholders for the arguments of a statement that is being built. */
export interface Parameters<Args> {
  /** The argument's value, or NULL if it is undefined. */
  value<Key extends keyof Args>(key: Key): Exclude<Args[Key], undefined>;
  /** True if the argument is defined. */
  isGiven(key: keyof Args): boolean;
}

/** Builds and compiles queries; never connects. */
const kysely = new Kysely<Tables>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
});

const builder = kysely.withSchema('public');

/** Stands for an argument in a compiled query. Kysely passes parameters of any type through unchanged. */
class Placeholder {
  readonly read: (args: object) => Text;
  constructor(read: (args: object) => Text) {
    this.read = read;
  }
}

function createParameters<Args extends object>(): Parameters<Args> {
  const cache = new Map<string, Placeholder>();
  const placeholder = (kind: 'value' | 'isGiven', key: keyof Args): never => {
    const known = cache.get(`${kind} ${String(key)}`);
    if (known !== undefined) return known as never;
    const read =
      kind === 'value'
        ? (args: object) => toText((args as Args)[key])
        : (args: object) => toText((args as Args)[key] !== undefined);
    const made = new Placeholder(read);
    cache.set(`${kind} ${String(key)}`, made);
    return made as never;
  };
  return { value: (key) => placeholder('value', key), isGiven: (key) => placeholder('isGiven', key) };
}

interface StatementOptions<Args> {
  isIdempotent?: true;
  isOnPrimary?: true;
  isLong?(args: Args): boolean;
  takesRevision?: true;
  batch?: Batch<Args>;
}

/** Compiles a statement. Its values are read from the arguments of each call. */
export function createStatement<Args extends object>(
  name: string,
  build: (db: Kysely<Tables>, parameters: Parameters<Args>) => Compilable,
  { isIdempotent, isOnPrimary, isLong, takesRevision, batch }: StatementOptions<Args> = {},
): Statement<Args> {
  const { sql, parameters, query } = build(builder, createParameters<Args>()).compile();
  // A value that occurs several times is sent once.
  const values = [...new Set(parameters)];
  const numbered = sql.replaceAll(/\$(\d+)/g, (_, number) => `$${values.indexOf(parameters[Number(number) - 1]) + 1}`);
  // Citus writes the table's name before the columns of RETURNING. Without ON CONFLICT, only an alias has this name there, which
  // Kysely cannot write.
  const text = numbered.includes('on conflict')
    ? numbered
    : numbered.replaceAll(/insert into "public"\."(\w+)" \(/g, 'insert into "public"."$1" as "$1" (');
  const readers = values.map((value) => (value instanceof Placeholder ? value.read : () => toText(value)));
  const isRead = query.kind === 'SelectQueryNode' && !('with' in query && query.with !== undefined);
  return {
    name,
    preparedName: toPreparedName(name, text),
    text,
    isRead,
    ...(isOnPrimary && { isOnPrimary }),
    isIdempotent: isIdempotent ?? isRead,
    ...(isLong && { isLong }),
    ...(takesRevision && { takesRevision }),
    ...(batch && { batch }),
    toValues: (args) => readers.map((read) => read(args)),
  };
}

/** A name that differs for each text. */
export function toPreparedName(name: string, text: string): string {
  return `${name}_${createHash('sha256').update(text).digest('hex').slice(0, 8)}`;
}

/** Converts a value to PostgreSQL's text format. */
export function toText(value: unknown): Text {
  if (typeof value === 'string' || value === null) return value;
  if (value === undefined) return null;
  if (typeof value === 'boolean') return value ? 't' : 'f';
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value)) return `{${value.map(toItem).join()}}`;
  throw new TypeError(`A statement takes strings, numbers, booleans and arrays of strings, not ${typeof value}.`);
}

/** An item of an array in PostgreSQL's text format. */
function toItem(item: string): string {
  return `"${item.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}
