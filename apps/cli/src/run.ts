import { CommanderError } from 'commander';
import { findConfigFolder } from './config-folder.ts';
import type { Context } from './context.ts';
import { createCredentials } from './credentials.ts';
import { CliError, exitCodes } from './errors.ts';
import { createOutput } from './output.ts';
import { createProgram } from './program.ts';

/** Runs one command line; gives the exit code. */
export async function run(args: string[], env: Context['env']): Promise<number> {
  const { stdout, stderr, stdin } = process;
  const interruption = new AbortController();
  // The second Ctrl+C ends the process as if nobody were listening.
  process.once('SIGINT', () => interruption.abort());
  let context: Context | undefined;

  function open({ json, server }: { json?: true; server?: string }): Context {
    const output = createOutput({ stdout, stderr }, json === true);
    return (context = {
      env,
      givenServer: server,
      credentials: createCredentials({ folder: findConfigFolder(env), warn: output.warn }),
      output,
      signal: interruption.signal,
      canAsk: stdin.isTTY && stderr.isTTY,
    });
  }

  let isAnswered = false;

  function writeOut(text: string): void {
    isAnswered = true;
    stdout.write(text);
  }

  const program = createProgram({ open, writeOut });
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCodes.done;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.done;
    // The help that was asked for is an answer; the one that is shown instead of an error went to stderr.
    if (error instanceof CommanderError && error.code === 'commander.help') {
      return isAnswered ? exitCodes.done : exitCodes.usage;
    }
    const { writeFailures } = await import('./failure.ts');
    // Where the line cannot be understood, it can still be seen what was meant.
    const isJson = context?.output.isJson ?? args.includes('--json');
    const command = program.commands.find((one) => args.includes(one.name()));
    const help = `tasks ${command ? `${command.name()} ` : ''}--help`;
    const failures = error instanceof AggregateError ? error.errors : [error];
    return writeFailures(
      failures.map((one) => (one instanceof CommanderError ? toUsageError(one, help) : one)),
      { stderr, isJson, server: context?.server },
    );
  }
}

function toUsageError({ message }: CommanderError, help: string): CliError {
  const [first = '', ...hints] = message
    .replace(/^error: /, '')
    .trim()
    .split('\n');
  const sentence = `${first.charAt(0).toUpperCase()}${first.slice(1).replace(/\.$/, '')}.`;
  return new CliError('USAGE', [sentence, ...hints, `See \`${help}\`.`].join(' '));
}
