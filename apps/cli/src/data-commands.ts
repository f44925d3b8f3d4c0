import { type Command, Option } from 'commander';
import type { DeleteAccountOptions } from './commands/delete-account.ts';
import type { ImportOptions } from './commands/import.ts';
import type { Context } from './context.ts';
import { examples } from './help.ts';

/** As in @holdfast/imports, which is imported only when it is needed. */
const importFormats: NonNullable<ImportOptions['from']>[] = ['holdfast', 'todoist', 'microsoft-to-do', 'csv', 'json'];

/** The commands for all data of the user. */
export function addDataCommands(program: Command, profile: Command, contextOf: (command: Command) => Context): void {
  program
    .command('export')
    .description('write all lists and tasks as JSON, also those in the trash')
    .addHelpText('after', examples.export)
    .action(async (_options: object, command: Command) => {
      const { exportData } = await import('./commands/export.ts');
      await exportData(contextOf(command));
    });

  program
    .command('import')
    .argument('<file...>', 'files of export or of another app, or - to read stdin')
    .description('create the lists and tasks of an export, or of another app, that do not exist')
    .addOption(
      new Option('--from <format>', 'the format of the files (default: as their content shows)').choices(importFormats),
    )
    .option('--dry-run', 'show what would be imported, and import nothing')
    .option('--encoding <name>', 'the encoding of the files, such as windows-1252 (default: UTF-8)')
    .addHelpText('after', examples.import)
    .action(async (paths: string[], options: ImportOptions, command: Command) => {
      const { importFiles } = await import('./commands/import.ts');
      await importFiles(contextOf(command), paths, options);
    });

  addCalendarCommands(program, contextOf);

  profile
    .command('delete')
    .description('delete your account with all tasks for good')
    .option('--password-stdin', 'read the password from stdin')
    .addHelpText('after', examples.deleteAccount)
    .action(async (options: DeleteAccountOptions, command: Command) => {
      const { deleteAccount } = await import('./commands/delete-account.ts');
      await deleteAccount(contextOf(command), options);
    });
}

function addCalendarCommands(program: Command, contextOf: (command: Command) => Context): void {
  const calendar = program
    .command('calendar')
    .description('show whether there is a secret URL with your due tasks for calendar apps, or create or revoke it')
    .addHelpText('after', examples.calendar)
    .action(async (_options: object, command: Command) => {
      const { showCalendar } = await import('./commands/calendar.ts');
      await showCalendar(contextOf(command));
    });

  calendar
    .command('create')
    .description('create the URL and print it once; a former URL ends')
    .action(async (_options: object, command: Command) => {
      const { createCalendar } = await import('./commands/calendar.ts');
      await createCalendar(contextOf(command));
    });

  calendar
    .command('revoke')
    .description('end the URL')
    .action(async (_options: object, command: Command) => {
      const { revokeCalendar } = await import('./commands/calendar.ts');
      await revokeCalendar(contextOf(command));
    });
}
