import { readFileSync } from 'node:fs';
import { Argument, Command, Option } from 'commander';
import { addFilters, addLimit, addStates, addValues, parseCount } from './command-options.ts';
import type { AddOptions } from './commands/add.ts';
import type { EditOptions } from './commands/edit.ts';
import type { ListOptions } from './commands/list.ts';
import type { LoginOptions } from './commands/login.ts';
import type { MoveOptions } from './commands/move.ts';
import type { ProfileOptions } from './commands/profile.ts';
import { shells } from './completion/scripts.ts';
import type { Context } from './context.ts';
import { addDataCommands } from './data-commands.ts';
import { examples, programHelp } from './help.ts';
import { addListCommands } from './list-commands.ts';
import type { SelectOptions } from './tasks/select-tasks.ts';

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
    .option('--code <code>', 'the code of your authenticator app, or a backup code')
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

  const profileCommand = program
    .command('profile')
    .description('show or change your name and time zone, or delete your account')
    .option('--name <name>', 'your name')
    .option('--time-zone <zone>', 'your time zone, such as Europe/Berlin, or none for the zone of each computer')
    .addHelpText('after', examples.profile)
    .action(async (options: ProfileOptions, command: Command) => {
      const { profile } = await import('./commands/profile.ts');
      await profile(contextOf(command), options);
    });

  addValues(program.command('add'))
    .alias('create')
    .argument('<title...>', 'words of the title, or - to read stdin')
    .description('add a task')
    .option('-d, --description <text>', 'the description')
    .option('--literal', 'use all words as the title')
    .addHelpText('after', examples.add)
    .action(async (words: string[], options: AddOptions, command: Command) => {
      const { add } = await import('./commands/add.ts');
      await add(contextOf(command), words, options);
    });

  addLimit(addStates(addFilters(program.command('list'))))
    .alias('ls')
    .description('list open tasks, newest first')
    .addHelpText('after', examples.list)
    .action(async (options: ListOptions, command: Command) => {
      const { list } = await import('./commands/list.ts');
      await list(contextOf(command), options);
    });

  addLimit(program.command('today'))
    .description('list open tasks that are due today or overdue')
    .action(async (options: ListOptions, command: Command) => {
      const { today } = await import('./commands/list.ts');
      await today(contextOf(command), options);
    });

  addLimit(addStates(addFilters(program.command('search'))))
    .argument('<words...>', 'words, or parts of words, in any order')
    .description('list open tasks with these words in the title, description or labels')
    .action(async (words: string[], options: ListOptions, command: Command) => {
      const { list } = await import('./commands/list.ts');
      await list(contextOf(command), { ...options, search: words.join(' ') });
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

  addFilters(program.command('done'))
    .argument('[id...]', 'the tasks')
    .description('mark tasks as done')
    .option('-y, --yes', 'with a filter, do not ask for confirmation')
    .addHelpText('after', examples.done)
    .action(async (parts: string[], options: SelectOptions, command: Command) => {
      const { setCompleted } = await import('./commands/set-completed.ts');
      await setCompleted(contextOf(command), { parts, options }, { command: 'done', completed: true });
    });

  program
    .command('reopen')
    .argument('<id...>', 'the tasks')
    .description('reopen done tasks')
    .action(async (parts: string[], _options: object, command: Command) => {
      const { setCompleted } = await import('./commands/set-completed.ts');
      await setCompleted(contextOf(command), { parts, options: {} }, { command: 'reopen', completed: false });
    });

  program
    .command('undo')
    .argument('[id...]', 'done tasks to reopen, as with reopen')
    .description('undo the last command that changed something')
    .addHelpText('after', examples.undo)
    .action(async (parts: string[], _options: object, command: Command) => {
      if (parts.length === 0) {
        const { undo } = await import('./commands/undo.ts');
        return undo(contextOf(command));
      }
      const { setCompleted } = await import('./commands/set-completed.ts');
      await setCompleted(contextOf(command), { parts, options: {} }, { command: 'undo', completed: false });
    });

  program
    .command('move')
    .alias('mv')
    .argument('<id...>', 'the tasks')
    .description('move tasks to another list')
    .option('--list <name>', 'the list')
    .addOption(new Option('--inbox', 'the inbox, which is no list').conflicts('list'))
    .action(async (parts: string[], options: MoveOptions, command: Command) => {
      const { move } = await import('./commands/move.ts');
      await move(contextOf(command), parts, options);
    });

  addValues(program.command('edit'))
    .alias('update')
    .argument('<id>', 'the task')
    .description('change a task (in your editor if you give no options)')
    .option('-t, --title <text>', 'the new title')
    .option('-d, --description <text>', 'the new description')
    .addOption(new Option('--clear-description', 'remove the description').conflicts('description'))
    .addOption(new Option('--clear-labels', 'remove all labels').conflicts('label'))
    .option('--if-version <n>', 'change the task only if it still has this version', parseCount)
    .addHelpText('after', examples.edit)
    .action(async (id: string, options: EditOptions, command: Command) => {
      const { editTask } = await import('./commands/edit.ts');
      await editTask(contextOf(command), id, options);
    });

  addFilters(program.command('rm'))
    .alias('delete')
    .alias('remove')
    .argument('[id...]', 'the tasks')
    .description('move tasks to the trash')
    .option('-y, --yes', 'do not ask for confirmation')
    .addHelpText('after', examples.rm)
    .action(async (parts: string[], options: SelectOptions, command: Command) => {
      const { rm } = await import('./commands/rm.ts');
      await rm(contextOf(command), parts, options);
    });

  addListCommands(program, contextOf);
  addDataCommands(program, profileCommand, contextOf);

  program
    .command('mcp')
    .description('give an assistant your tasks, by the Model Context Protocol on stdin and stdout')
    .addHelpText('after', examples.mcp)
    .action(async (_options: object, command: Command) => {
      const { mcp } = await import('./commands/mcp.ts');
      await mcp(contextOf(command), { version: readVersion() });
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

function readVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
