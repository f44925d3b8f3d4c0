import type { Command } from 'commander';
import { dbCommand } from '../installed.ts';
import { distribute } from '../schema/distribute.ts';
import type { DistributionStep } from '../schema/distribution.ts';
import type { WithDatabase } from './backup.ts';

/** Adds the command distribute. */
export function addDistributeCommand(program: Command, withExistingDatabase: WithDatabase): void {
  program
    .command('distribute')
    .description('distribute the tables over the nodes of a Citus cluster; without --yes, only shows the changes')
    .option('--yes', 'apply the changes')
    .addHelpText(
      'after',
      `
The user in DATABASE_URL_UNPOOLED must own the tables, and connect to the coordinator. All rows of one user stay on one node.
The tables of the sign-in stay on the coordinator. Stop all servers first: the tables are locked while their rows are moved. You
can run it again safely, for example after an interruption, or after you have added a node.

  ${dbCommand} distribute            shows the changes
  ${dbCommand} distribute --yes      applies the changes
`,
    )
    .action(({ yes = false }: { yes?: boolean }) =>
      withExistingDatabase(async (url) => {
        const steps = await distribute({ url, apply: yes, onStep: (step) => console.log(formatStep(step)) });
        if (steps.length === 0) return console.log('The tables are distributed. There is nothing to change.');
        if (yes) return console.log(`The tables are distributed. Next: ${dbCommand} status`);
        console.log(
          [...steps.map(formatStep), '', `Nothing was changed. Apply with: ${dbCommand} distribute --yes`].join('\n'),
        );
      }),
    );
}

function formatStep({ change }: DistributionStep): string {
  return `- ${change}.`;
}
