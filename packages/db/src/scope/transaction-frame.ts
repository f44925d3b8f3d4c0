import { transactionSettings } from '../connection/fixed-settings.ts';
import type { Prepared } from './prepared-names.ts';
import { toPreparedName } from './prepared-statement.ts';
import { planSettings, type SessionSettings, settingsStatement, toVariables } from './session-settings.ts';

/**
 * The two ways to apply the settings of a pipeline:
 *
 * - `function`: one statement with `set_config`, in the implicit transaction of the pipeline.
 * - `statements`: BEGIN, SET LOCAL for each setting, and COMMIT. Citus sends only these settings to its other nodes.
 */
export type SettingsForm = 'function' | 'statements';

/** The messages around the statements of a pipeline. */
export interface TransactionFrame {
  readonly before: readonly Prepared[];
  /** Ends the transaction after success and after an error. Absent if the Sync ends it. */
  readonly end?: Prepared;
}

export function createFrame(form: SettingsForm, settings: SessionSettings): TransactionFrame {
  if (form === 'function') return { before: [{ ...settingsStatement, values: settingsStatement.toValues(settings) }] };
  const assignments = [propagation, ...toAssignments(settings)];
  return { before: [begin, ...assignments.map(toSetLocal), ...planAssignments], end: commit };
}

/** SQL that applies the settings to all nodes of a Citus cluster, for the start of a transaction of an entity manager. */
export function toSettingsSql(settings: SessionSettings): string {
  return toSetLocalSql(toAssignments(settings));
}

/**
 * SQL that applies settings to all nodes of a Citus cluster until the end of the transaction. Citus sends each statement of this block
 * as if a client had sent it alone.
 */
export function toSetLocalSql(assignments: readonly Assignment[]): string {
  return `do $holdfast$ begin ${[propagation, ...assignments].map(toText).join('; ')}; end $holdfast$`;
}

type Assignment = readonly [name: string, value: string];

function toAssignments(settings: SessionSettings): Assignment[] {
  return [
    ...Object.entries(toVariables(settings)),
    ...Object.entries(transactionSettings),
    ...(settings.readOnly ? readOnly : []),
  ];
}

/** Without the extension, PostgreSQL accepts the name and ignores the value. */
const propagation: Assignment = ['citus.propagate_set_commands', 'local'];
const readOnly: Assignment[] = [['transaction_read_only', 'on']];

/** SET takes no parameters. */
function toText([name, value]: Assignment): string {
  if (!/^[\w ,-]*$/.test(value)) throw new TypeError(`The value of the setting ${name} needs quotes.`);
  return `set local ${name} = '${value}'`;
}

const known = new Map<string, Prepared>();

function toSetLocal(assignment: Assignment): Prepared {
  const text = toText(assignment);
  // Each user has a value of their own.
  if (assignment[0] === 'app.user_id') return toUnnamed(text);
  let prepared = known.get(text);
  if (prepared === undefined) {
    prepared = { preparedName: toPreparedName('holdfast_set', text), text, values: [] };
    known.set(text, prepared);
  }
  return prepared;
}

function toUnnamed(text: string): Prepared {
  return { preparedName: '', text, values: [] };
}

const begin = toUnnamed('begin isolation level read committed');
const commit = toUnnamed('commit');

// Citus cannot plan its statements with `plan_cache_mode = force_generic_plan`.
const planAssignments = Object.entries(planSettings)
  .filter(([name]) => name !== 'plan_cache_mode')
  .map(toSetLocal);
