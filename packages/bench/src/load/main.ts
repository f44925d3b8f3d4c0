import { readFileSync } from 'node:fs';
import type { FromLoad, ToLoad } from './job.ts';
import { runJob } from './run-job.ts';

// A process of its own: the rig's work must not stand between a response and its time.

let tokens: string[] = [];

function answer(message: FromLoad): void {
  process.send!(message);
}

process.on('message', (message: ToLoad) => {
  if ('tokens' in message) {
    tokens = JSON.parse(readFileSync(message.tokens, 'utf8')) as string[];
    return;
  }
  runJob(message.job, tokens).then(
    (result) => answer({ result }),
    (error: unknown) => answer({ failure: (error as Error).message }),
  );
});
process.on('disconnect', () => process.exit());
// Ctrl-C goes to every process of the terminal; the rig ends this one when it is done with it.
process.on('SIGINT', () => {});
