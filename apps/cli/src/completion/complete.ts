import type { Command, Option } from 'commander';
import type { Context } from '../context.ts';
import { toPlain } from '../terminal/plain.ts';

/** Most IDs to suggest. */
const idsMax = 50;
/** Milliseconds to wait for the server. */
const timeoutMs = 1500;

/**
 * Completions of the last word of a command line. Each is the value, a tab and a description.
 *
 * Opens a context only to complete IDs and names, because only they need the server.
 */
export async function complete(program: Command, words: string[], open: () => Context): Promise<string[]> {
  const current = words.at(-1) ?? '';
  const { command, option, isEnded } = findPosition(program, words.slice(0, -1));
  const matching = (choices: (readonly [string, string])[]) =>
    choices.filter(([value]) => value.startsWith(current)).map(([value, description]) => `${value}\t${description}`);

  const matchingNames = async (kind: Kind) =>
    matching((await findNames(open(), kind).catch(() => [])).map((name) => [name, '']));
  if (option?.long === '--list' || option?.long === '--move-to') return matchingNames('list');
  if (option?.long === '--label') return matchingNames('label');
  if (option) return matching((option.argChoices ?? []).map((choice) => [choice, '']));
  if (current.startsWith('-') && !isEnded) {
    return matching(optionsOf(command).map(({ long, description }) => [long!, description] as const));
  }
  const visible = command.createHelp().visibleCommands(command);
  if (visible.length > 0) return matching(visible.map((one) => [one.name(), one.description()] as const));
  const [argument] = command.registeredArguments;
  if (argument?.argChoices) return matching(argument.argChoices.map((choice) => [choice, '']));
  if (argument?.name() === 'list') return matchingNames('list');
  if (argument?.name() === 'from') return matchingNames('label');
  if (argument?.name() !== 'id') return [];
  return matching(await findIds(open(), ['undo', 'reopen'].includes(command.name())).catch(() => []));
}

function optionsOf(command: Command): Option[] {
  const help = command.createHelp();
  return [...help.visibleOptions(command), ...help.visibleGlobalOptions(command)].filter(({ long }) => long);
}

interface Position {
  command: Command;
  /** The option that expects the next word as its value. */
  option?: Option;
  /** True after `--`, which ends the options. */
  isEnded: boolean;
}

/** Finds the command, and the option that expects a value, after these words. */
function findPosition(program: Command, words: string[]): Position {
  let command = program;
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index]!;
    if (word === '--') return { command, isEnded: true };
    const option = optionsOf(command).find(({ short, long }) => word === short || word === long);
    if (option && (option.required || option.optional)) {
      index += 1;
      if (index === words.length) return { command, option, isEnded: false };
    } else if (!word.startsWith('-')) {
      command = command.commands.find((one) => one.name() === word || one.aliases().includes(word)) ?? command;
    }
  }
  return { command, isEnded: false };
}

type Kind = 'list' | 'label';

/** Names of lists or labels. The scripts of the shells separate words at white space, so names with it are left out. */
async function findNames(context: Context, kind: Kind): Promise<string[]> {
  const { connect } = await import('../server/connect.ts');
  const { holdfast } = await connect(context);
  const signal = AbortSignal.any([context.signal, AbortSignal.timeout(timeoutMs)]);
  const { items } = kind === 'list' ? await holdfast.list.list({ signal }) : await holdfast.label.list({ signal });
  return items.map(({ name }) => toPlain(name)).filter((name) => !/\s/.test(name));
}

async function findIds(context: Context, completed: boolean): Promise<(readonly [string, string])[]> {
  const [{ connect }, { toShortIds }] = await Promise.all([
    import('../server/connect.ts'),
    import('../tasks/short-ids.ts'),
  ]);
  const { holdfast } = await connect(context);
  const signal = AbortSignal.any([context.signal, AbortSignal.timeout(timeoutMs)]);
  const { items } = await holdfast.task.list({ completed, limit: idsMax }, { signal });
  const toShortId = toShortIds(items.map(({ id }) => id));
  return items.map(({ id, title }) => [toShortId(id), toPlain(title)] as const);
}
