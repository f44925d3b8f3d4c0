import { type Command, InvalidArgumentError, Option } from 'commander';

const priorities = ['none', 'low', 'medium', 'high'];
const orders = ['newest', 'oldest', 'position', 'due', 'completed', 'updated', 'priority', 'title'];

const priorityOption = (description: string) => new Option('--priority <level>', description).choices(priorities);

/** Options that select tasks by their values. */
export function addFilters(command: Command): Command {
  return command
    .option('--list <name>', 'tasks of this list, or inbox')
    .option('--label <label>', 'tasks with this label')
    .option('--due <when>', 'tasks due on a day or in a range, such as today, overdue, none or this week')
    .addOption(priorityOption('tasks with this priority'));
}

/** Options that set values of a task. */
export function addValues(command: Command): Command {
  return command
    .option('--due <when>', "the due date, such as 'tomorrow 9am', 2026-12-01 or none")
    .option('--list <name>', 'the list, or inbox')
    .option('--label <label>', 'a label (repeat the option for several)', (label: string, others?: string[]) => [
      ...(others ?? []),
      label,
    ])
    .addOption(priorityOption('the priority'));
}

/** Options for the state and order of listed tasks. */
export function addStates(command: Command): Command {
  return command
    .addOption(new Option('-a, --all', 'open and done tasks').conflicts('done'))
    .option('--done', 'only done tasks')
    .addOption(new Option('--oldest', 'oldest first').conflicts('sort'))
    .addOption(new Option('--sort <order>', 'the order (default: newest)').choices(orders));
}

export const addLimit = (command: Command) => command.option('-n, --limit <n>', 'at most n tasks', parseCount);

export function parseCount(text: string): number {
  if (/^\d{1,9}$/.test(text) && Number(text) > 0) return Number(text);
  throw new InvalidArgumentError('Use a whole number from 1.');
}
