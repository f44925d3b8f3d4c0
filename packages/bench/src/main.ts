import { createCleanup } from './cleanup.ts';
import { runFaults } from './faults/run-faults.ts';
import { parseOptions, usage, UsageError } from './options.ts';
import { runSections } from './run-sections.ts';

const cleanup = createCleanup();
let isInterrupted = false;

for (const [signal, exitCode] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const) {
  process.on(signal, () => {
    // The second signal exits without cleanup.
    if (isInterrupted) process.exit(exitCode);
    isInterrupted = true;
    void cleanup.run().then(() => process.exit(exitCode));
  });
}

try {
  const options = parseOptions(process.argv.slice(2));
  if (options === 'help') console.log(usage);
  else if (options.faultMinutes === 0) await runSections(options, cleanup);
  else if (!(await runFaults(options.faultMinutes, cleanup))) process.exitCode = 1;
} catch (error) {
  // After an interruption, running calls fail because the cleanup stops their servers.
  if (!isInterrupted) {
    process.exitCode = 1;
    console.error((error as Error).message);
    if (error instanceof UsageError) console.error(`\n${usage}`);
  }
} finally {
  await cleanup.run();
}
