import { type Command, Option } from 'commander';
import { addLimit } from './command-options.ts';
import type { DeleteListOptions } from './commands/lists.ts';
import type { TrashOptions } from './commands/trash.ts';
import type { Context } from './context.ts';
import { examples } from './help.ts';

/** The commands for lists, labels and the trash. */
export function addListCommands(program: Command, contextOf: (command: Command) => Context): void {
  const lists = program
    .command('lists')
    .description('show your lists, or add, rename, archive, delete or restore one')
    .addHelpText('after', examples.lists)
    .action(async (_options: object, command: Command) => {
      const { showLists } = await import('./commands/lists.ts');
      await showLists(contextOf(command));
    });

  lists
    .command('add')
    .argument('<name...>', 'words of the name')
    .description('add a list')
    .action(async (words: string[], _options: object, command: Command) => {
      const { addList } = await import('./commands/lists.ts');
      await addList(contextOf(command), words);
    });

  lists
    .command('rename')
    .argument('<list>', 'name or whole ID')
    .argument('<name...>', 'words of the new name')
    .description('rename a list')
    .action(async (list: string, words: string[], _options: object, command: Command) => {
      const { renameList } = await import('./commands/lists.ts');
      await renameList(contextOf(command), list, words);
    });

  for (const [name, archived] of [
    ['archive', true],
    ['unarchive', false],
  ] as const) {
    lists
      .command(name)
      .argument('<list>', 'name or whole ID')
      .description(archived ? 'archive a list that is no longer in use' : 'take an archived list back into use')
      .action(async (list: string, _options: object, command: Command) => {
        const { archiveList } = await import('./commands/lists.ts');
        await archiveList(contextOf(command), list, archived);
      });
  }

  lists
    .command('delete')
    .alias('rm')
    .argument('<list>', 'name or whole ID')
    .description('move a list and its tasks to the trash')
    .option('--move-to <name>', 'move its tasks to another list, or to inbox')
    .option('-y, --yes', 'do not ask for confirmation')
    .action(async (list: string, options: DeleteListOptions, command: Command) => {
      const { deleteList } = await import('./commands/lists.ts');
      await deleteList(contextOf(command), list, options);
    });

  lists
    .command('restore')
    .argument('<list-id>', 'whole ID, as delete shows it')
    .description('restore a list and the tasks that were deleted with it')
    .action(async (id: string, _options: object, command: Command) => {
      const { restoreList } = await import('./commands/lists.ts');
      await restoreList(contextOf(command), id);
    });

  const labels = program
    .command('labels')
    .description('show your labels, or rename one')
    .action(async (_options: object, command: Command) => {
      const { showLabels } = await import('./commands/labels.ts');
      await showLabels(contextOf(command));
    });

  labels
    .command('rename')
    .argument('<from>', 'the label')
    .argument('<to>', 'its new name')
    .description('rename a label on all tasks')
    .action(async (from: string, to: string, _options: object, command: Command) => {
      const { renameLabel } = await import('./commands/labels.ts');
      await renameLabel(contextOf(command), from, to);
    });

  addLimit(program.command('trash'))
    .description('list deleted tasks, restore them, or delete them for good')
    .option('--restore <id...>', 'move tasks back to their lists')
    .addOption(new Option('--empty', 'delete all tasks in the trash for good').conflicts('restore'))
    .option('-y, --yes', 'with --empty, do not ask for confirmation')
    .action(async (options: TrashOptions, command: Command) => {
      const { trash } = await import('./commands/trash.ts');
      await trash(contextOf(command), options);
    });
}
