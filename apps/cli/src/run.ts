import { type Command, CommanderError } from 'commander';
import type { Context } from './context.ts';
import { CliError, exitCodes } from './errors.ts';
import { createProgram } from './program.ts';
import { findConfigFolder } from './server/config-folder.ts';
import { createLogins } from './server/logins.ts';
import { createOutput } from './terminal/output.ts';

/** Runs one command line and returns the exit code. */
export async function run(args: string[], env: Context['env']): Promise<number> {
  const { stdout, stderr, stdin } = process;
  const interruption = new AbortController();
  // A second Ctrl+C has no listener and ends the process.
  process.once('SIGINT', () => interruption.abort());
  let context: Context | undefined;

  function open({ json, server }: { json?: true; server?: string }): Context {
    const output = createOutput({ stdout, stderr }, json === true);
    return (context = {
      env,
      givenServer: server,
      logins: createLogins({ folder: findConfigFolder(env), warn: output.warn }),
      output,
      signal: interruption.signal,
      canPrompt: stdin.isTTY && stderr.isTTY,
    });
  }

  let hasOutput = false;

  function writeOut(text: string): void {
    hasOutput = true;
    stdout.write(text);
  }

  const program = createProgram({ open, writeOut });
  try {
    await program.parseAsync(isUnknown(program, args[0]) ? args.slice(0, 1) : args, { from: 'user' });
    return exitCodes.done;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.done;
    // Requested help went to stdout. Help after an incomplete command went to stderr.
    if (error instanceof CommanderError && error.code === 'commander.help') {
      return hasOutput ? exitCodes.done : exitCodes.usage;
    }
    const { writeErrors } = await import('./write-errors.ts');
    // If the command line could not be parsed, there is no context.
    const isJson = context?.output.isJson ?? args.includes('--json');
    const command = args.map((word) => findCommand(program, word)).find((one) => one !== undefined);
    const help = `tasks ${command ? `${command.name()} ` : ''}--help`;
    const errors = error instanceof AggregateError ? error.errors : [error];
    return writeErrors(
      errors.map((one) => (one instanceof CommanderError ? toUsageError(one, help) : one)),
      { stderr, isJson, server: context?.server },
    );
  }
}

const findCommand = ({ commands }: Command, word: string) =>
  commands.find((one) => one.name() === word || one.aliases().includes(word));

/** With `--help`, commander would show the general help for an unknown command. */
function isUnknown(program: Command, word: string | undefined): boolean {
  if (word === undefined || word.startsWith('-') || word === 'help') return false;
  return findCommand(program, word) === undefined;
}

function toUsageError({ message }: CommanderError, help: string): CliError {
  const [first = '', ...hints] = message
    .replace(/^error: /, '')
    .trim()
    .split('\n');
  const sentence = `${first.charAt(0).toUpperCase()}${first.slice(1).replace(/\.$/, '')}.`;
  return new CliError('USAGE', [sentence, ...hints, `See \`${help}\`.`].join(' '));
}
