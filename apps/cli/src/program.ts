import { readFileSync } from 'node:fs';
import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import type { EditOptions } from './commands/edit.ts';
import type { ListOptions } from './commands/list.ts';
import type { LoginOptions } from './commands/login.ts';
import { shells } from './completion-scripts.ts';
import type { Context } from './context.ts';
import { examples, programHelp } from './help.ts';

export interface ProgramOptions {
  /** Made for the command that runs, when it runs. */
  open: (options: { json?: true; server?: string }) => Context;
  writeOut: (text: string) => void;
}

/** The command line. Each command is loaded when it is called: help and completion wait for none of them. */
export function createProgram({ open, writeOut }: ProgramOptions): Command {
  const program = new Command('tasks')
    .description('Your tasks in Holdfast, from the command line.')
    .usage('<command> [options]')
    .version(readVersion(), '-V, --version', 'show the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help')
    .configureHelp({ showGlobalOptions: true })
    // Errors are written in one place, in one form.
    .configureOutput({ writeOut, outputError: () => {} })
    .exitOverride()
    .option('--json', 'answer with JSON, errors as well')
    .option('--server <url>', 'the server to use; else HOLDFAST_URL, else that of the latest login')
    .addHelpText('after', programHelp);
  const contextOf = (command: Command) => open(command.optsWithGlobals());

  program
    .command('login')
    .argument('[email]', 'e-mail address of the account; asked for at a terminal')
    .description('log in at a server, and remember it')
    .option('--password-stdin', 'read the password from the input')
    .option('--sign-up', 'make the account first')
    .option('--name <name>', 'with --sign-up, what the account is called')
    .option('--insecure', 'send the password over http to another machine')
    .addHelpText('after', examples.login)
    .action(async (email: string | undefined, options: LoginOptions, command: Command) => {
      const { login } = await import('./commands/login.ts');
      await login(contextOf(command), email, options);
    });

  program
    .command('logout')
    .description('end the session, and forget it')
    .action(async (_options: object, command: Command) => {
      const { logout } = await import('./commands/logout.ts');
      await logout(contextOf(command));
    });

  program
    .command('whoami')
    .description('show who is logged in, and where')
    .action(async (_options: object, command: Command) => {
      const { whoami } = await import('./commands/whoami.ts');
      await whoami(contextOf(command));
    });

  program
    .command('add')
    .argument('<title...>', 'words of the title; - reads it from the input')
    .description('add a task')
    .option('-d, --description <text>', 'what else there is to say')
    .addHelpText('after', examples.add)
    .action(async (words: string[], options: { description?: string }, command: Command) => {
      const { add } = await import('./commands/add.ts');
      await add(contextOf(command), words, options);
    });

  program
    .command('list')
    .alias('ls')
    .description('list open tasks, the newest first')
    .addOption(new Option('-a, --all', 'open and done ones').conflicts('done'))
    .option('--done', 'done ones')
    .option('--oldest', 'the oldest first')
    .option('-n, --limit <n>', 'so many at the most', parseCount)
    .addHelpText('after', examples.list)
    .action(async (options: ListOptions, command: Command) => {
      const { list } = await import('./commands/list.ts');
      await list(contextOf(command), options);
    });

  program
    .command('show')
    .argument('<id>', 'the task')
    .description('show all of a task')
    .action(async (id: string, _options: object, command: Command) => {
      const { show } = await import('./commands/show.ts');
      await show(contextOf(command), id);
    });

  for (const [name, completed, description] of [
    ['done', true, 'mark tasks as done'],
    ['undo', false, 'open tasks again that were done'],
  ] as const) {
    program
      .command(name)
      .argument('<id...>', 'the tasks')
      .description(description)
      .action(async (ids: string[], _options: object, command: Command) => {
        const { setCompleted } = await import('./commands/set-completed.ts');
        await setCompleted(contextOf(command), ids, completed);
      });
  }

  program
    .command('edit')
    .argument('<id>', 'the task')
    .description('change a task; without options, in your editor')
    .option('-t, --title <text>', 'the new title')
    .option('-d, --description <text>', 'the new description')
    .addOption(new Option('--clear-description', 'remove the description').conflicts('description'))
    .option('--if-version <n>', 'only if the task is at this version still', parseCount)
    .addHelpText('after', examples.edit)
    .action(async (id: string, options: EditOptions, command: Command) => {
      const { editTask } = await import('./commands/edit.ts');
      await editTask(contextOf(command), id, options);
    });

  program
    .command('rm')
    .argument('<id...>', 'the tasks')
    .description('delete tasks for good')
    .option('-y, --yes', 'without asking')
    .action(async (ids: string[], options: { yes?: true }, command: Command) => {
      const { rm } = await import('./commands/rm.ts');
      await rm(contextOf(command), ids, options);
    });

  program
    .command('completion')
    .addArgument(new Argument('<shell>').choices(Object.keys(shells)))
    .description('print what makes a shell complete commands, options and ids')
    .addHelpText('after', examples.completion)
    .action((shell: keyof typeof shells) => writeOut(shells[shell]));

  program
    .command('complete', { hidden: true })
    .argument('[words...]')
    .action(async (words: string[], _options: object, command: Command) => {
      const { complete } = await import('./complete.ts');
      const lines = await complete(program, words, () => contextOf(command));
      writeOut(lines.map((line) => `${line}\n`).join(''));
    });

  return program;
}

function parseCount(text: string): number {
  if (/^\d{1,9}$/.test(text) && Number(text) > 0) return Number(text);
  throw new InvalidArgumentError('It must be a whole number from 1.');
}

function readVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
