import type { Command } from 'commander';
import type { DeleteAccountOptions } from './commands/delete-account.ts';
import type { Context } from './context.ts';
import { examples } from './help.ts';

/** The commands for all data of the user. */
export function addDataCommands(program: Command, profile: Command, contextOf: (command: Command) => Context): void {
  program
    .command('export')
    .description('write all lists and tasks as JSON, also those in the trash')
    .addHelpText('after', examples.export)
    .action(async (_options: object, command: Command) => {
      const { exportData } = await import('./commands/data.ts');
      await exportData(contextOf(command));
    });

  program
    .command('import')
    .argument('<file>', 'a file of export, or - to read stdin')
    .description('create the lists and tasks of an export that do not exist')
    .addHelpText('after', examples.import)
    .action(async (path: string, _options: object, command: Command) => {
      const { importData } = await import('./commands/data.ts');
      await importData(contextOf(command), path);
    });

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
