import { readFileSync } from 'node:fs';
import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import type { EditOptions } from './commands/edit.ts';
import type { ListOptions } from './commands/list.ts';
import type { LoginOptions } from './commands/login.ts';
import { shells } from './completion/scripts.ts';
import type { Context } from './context.ts';
import { examples, programHelp } from './help.ts';

export interface ProgramOptions {
  /** Called when a command starts. */
  open: (options: { json?: true; server?: string }) => Context;
  writeOut: (text: string) => void;
}

/** Creates the command line. Each command is imported when it runs, so that help and completion are fast. */
export function createProgram({ open, writeOut }: ProgramOptions): Command {
  const program = new Command('tasks')
    .description('Manage your Holdfast tasks from the command line.')
    .usage('<command> [options]')
    .version(readVersion(), '-V, --version', 'show the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help')
    .configureHelp({ showGlobalOptions: true })
    // `writeErrors` writes all errors.
    .configureOutput({ writeOut, outputError: () => {} })
    .exitOverride()
    .option('--json', 'write JSON, also for errors')
    .option('--server <url>', 'server URL (default: HOLDFAST_URL, or the server of the latest login)')
    .addHelpText('after', programHelp);
  const contextOf = (command: Command) => open(command.optsWithGlobals());

  program
    .command('login')
    .argument('[email]', 'email address of the account (prompted for at a terminal)')
    .description('log in at a server and store the session')
    .option('--password-stdin', 'read the password from stdin')
    .option('--sign-up', 'create the account first')
    .option('--name <name>', 'with --sign-up, the name of the account')
    .option('--insecure', 'allow sending the password over http to another machine')
    .addHelpText('after', examples.login)
    .action(async (email: string | undefined, options: LoginOptions, command: Command) => {
      const { login } = await import('./commands/login.ts');
      await login(contextOf(command), email, options);
    });

  program
    .command('logout')
    .description('end the session and remove it')
    .action(async (_options: object, command: Command) => {
      const { logout } = await import('./commands/logout.ts');
      await logout(contextOf(command));
    });

  program
    .command('whoami')
    .description('show the logged-in user and the server')
    .action(async (_options: object, command: Command) => {
      const { whoami } = await import('./commands/whoami.ts');
      await whoami(contextOf(command));
    });

  program
    .command('add')
    .alias('create')
    .argument('<title...>', 'words of the title, or - to read stdin')
    .description('add a task')
    .option('-d, --description <text>', 'the description')
    .addHelpText('after', examples.add)
    .action(async (words: string[], options: { description?: string }, command: Command) => {
      const { add } = await import('./commands/add.ts');
      await add(contextOf(command), words, options);
    });

  program
    .command('list')
    .alias('ls')
    .description('list open tasks, newest first')
    .addOption(new Option('-a, --all', 'open and done tasks').conflicts('done'))
    .option('--done', 'only done tasks')
    .option('--oldest', 'oldest first')
    .option('-n, --limit <n>', 'at most n tasks', parseCount)
    .addHelpText('after', examples.list)
    .action(async (options: ListOptions, command: Command) => {
      const { list } = await import('./commands/list.ts');
      await list(contextOf(command), options);
    });

  program
    .command('show')
    .alias('get')
    .argument('<id>', 'the task')
    .description('show all fields of a task')
    .action(async (id: string, _options: object, command: Command) => {
      const { show } = await import('./commands/show.ts');
      await show(contextOf(command), id);
    });

  for (const [name, completed, description] of [
    ['done', true, 'mark tasks as done'],
    ['undo', false, 'reopen done tasks'],
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
    .alias('update')
    .argument('<id>', 'the task')
    .description('change a task (in your editor if you give no options)')
    .option('-t, --title <text>', 'the new title')
    .option('-d, --description <text>', 'the new description')
    .addOption(new Option('--clear-description', 'remove the description').conflicts('description'))
    .option('--if-version <n>', 'change the task only if it still has this version', parseCount)
    .addHelpText('after', examples.edit)
    .action(async (id: string, options: EditOptions, command: Command) => {
      const { editTask } = await import('./commands/edit.ts');
      await editTask(contextOf(command), id, options);
    });

  program
    .command('rm')
    .alias('delete')
    .alias('remove')
    .argument('<id...>', 'the tasks')
    .description('delete tasks permanently')
    .option('-y, --yes', 'do not ask for confirmation')
    .action(async (ids: string[], options: { yes?: true }, command: Command) => {
      const { rm } = await import('./commands/rm.ts');
      await rm(contextOf(command), ids, options);
    });

  program
    .command('completion')
    .addArgument(new Argument('<shell>').choices(Object.keys(shells)))
    .description('print a script that completes commands, options and IDs in a shell')
    .addHelpText('after', examples.completion)
    .action((shell: keyof typeof shells) => writeOut(shells[shell]));

  program
    .command('complete', { hidden: true })
    .argument('[words...]')
    .action(async (words: string[], _options: object, command: Command) => {
      const { complete } = await import('./completion/complete.ts');
      const lines = await complete(program, words, () => contextOf(command));
      writeOut(lines.map((line) => `${line}\n`).join(''));
    });

  return program;
}

function parseCount(text: string): number {
  if (/^\d{1,9}$/.test(text) && Number(text) > 0) return Number(text);
  throw new InvalidArgumentError('Use a whole number from 1.');
}

function readVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
