import { readFileSync } from 'node:fs';
import type { FromLoad, ToLoad } from './job.ts';
import { runJob } from './run-job.ts';

// A separate process, so that other work does not delay the time measurement.

let tokens: string[] = [];

function send(message: FromLoad): void {
  process.send!(message);
}

process.on('message', (message: ToLoad) => {
  if ('tokens' in message) {
    tokens = JSON.parse(readFileSync(message.tokens, 'utf8')) as string[];
    return;
  }
  runJob(message.job, tokens).then(
    (result) => send({ result }),
    (error: unknown) => send({ failure: (error as Error).message }),
  );
});
process.on('disconnect', () => process.exit());
// Ctrl-C signals every process of the terminal. The main process stops this one in its cleanup.
process.on('SIGINT', () => {});
