import type { Connection } from 'pg';
import { serialize } from 'pg-protocol';
import type { Text } from './prepared-statement.ts';

export interface Prepared {
  /** Empty for a statement that is sent with each call. */
  readonly preparedName: string;
  readonly text: string;
  readonly values: Text[];
}

const execute = serialize.execute();

/** Adds the messages of a statement without a name. */
export function pushUnnamed(messages: Buffer[], { text, values }: Prepared): void {
  messages.push(serialize.parse({ text }), serialize.bind({ values }), execute);
}

/** The prepared statements of one connection. */
export class PreparedNames {
  readonly #ready = new Set<string>();
  /** Prepared before a table changed, or possibly not prepared. To close a statement that does not exist is no error. */
  readonly #outdated = new Set<string>();
  /** Sent in the running transaction and not confirmed, in order. */
  #pending: string[] = [];

  /** A statement is prepared only after ParseComplete: its Bind can fail after its Parse succeeded, and the reverse. */
  constructor(connection: Connection) {
    connection.on('parseComplete', () => {
      const name = this.#pending.shift();
      if (!name) return;
      this.#ready.add(name);
      this.#outdated.delete(name);
    });
  }

  /**
   * Adds the messages of a transaction.
   *
   * @param earlier Names that earlier transactions of the same write prepare. Each of them can fail, so they are prepared again.
   * @returns The names that this transaction prepares, in order.
   */
  push(messages: Buffer[], statements: readonly Prepared[], earlier: ReadonlySet<string>): string[] {
    const sent: string[] = [];
    for (const { preparedName: name, text, values } of statements) {
      const isOutdated = this.#outdated.has(name);
      if (name === '') {
        messages.push(serialize.parse({ text }));
        sent.push(name);
      } else if ((isOutdated || !this.#ready.has(name)) && !sent.includes(name)) {
        if (isOutdated || earlier.has(name)) messages.push(serialize.close({ type: 'S', name }));
        messages.push(serialize.parse({ name, text }));
        sent.push(name);
      }
      messages.push(serialize.bind({ statement: name, values }), execute);
    }
    return sent;
  }

  /** The transaction that prepares these names begins. */
  begin(names: string[]): void {
    this.#pending = names;
  }

  /** The running transaction has failed. @param outdated Names that must be prepared again. */
  fail(outdated: readonly string[]): void {
    for (const name of [...this.#pending, ...outdated]) if (name !== '') this.#outdated.add(name);
    this.#pending = [];
  }
}

const known = new WeakMap<Connection, PreparedNames>();

export function findPreparedNames(connection: Connection): PreparedNames {
  const names = known.get(connection) ?? new PreparedNames(connection);
  known.set(connection, names);
  return names;
}
