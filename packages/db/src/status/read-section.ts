import type { EntityManager, MikroORM } from '@mikro-orm/postgresql';
import { toNamedError } from '../connection/driver-error.ts';
import { AccessRefusedError } from '../errors.ts';
import { forkWithSettings, transactionOptions } from '../schema/orm.ts';

/** Takes the place of a section that could not be read. */
export interface Unavailable {
  /** The reason, without a full stop. */
  readonly unavailable: string;
}

export function isUnavailable(section: object): section is Unavailable {
  return 'unavailable' in section;
}

/** Milliseconds for each statement. */
export const statementLimitMs = 5_000;

// An exclusive lock on a table must not block the command that an operator uses to find the cause.
const limits = `select set_config('lock_timeout', '1000', true), set_config('statement_timeout', '${statementLimitMs}', true)`;

/** By SQLSTATE. */
const reasons: Readonly<Record<string, string>> = {
  '55P03': 'another transaction has locked it',
  '57014': 'it took longer than 5 s',
};

/**
 * Reads one section of the report in a short read-only transaction. A lock or a missing privilege makes only this
 * section unavailable; any other failure is thrown. Works through a transaction pooler.
 *
 * @throws DatabaseUnavailableError if the connection is lost.
 */
export async function readSection<Section extends object>(
  orm: MikroORM,
  read: (em: EntityManager) => Promise<Section>,
): Promise<Section | Unavailable> {
  try {
    return await forkWithSettings(orm).transactional(
      async (em) => {
        await em.execute(limits);
        return read(em);
      },
      { ...transactionOptions, readOnly: true },
    );
  } catch (error) {
    const unavailable = toReason(error);
    if (unavailable === undefined) throw toNamedError(error);
    return { unavailable };
  }
}

function toReason(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if (toNamedError(error) instanceof AccessRefusedError) return 'the database user lacks the privilege to read it';
  return 'code' in error ? reasons[String(error.code)] : undefined;
}
