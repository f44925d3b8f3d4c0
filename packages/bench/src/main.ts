import { createClosings } from './closings.ts';
import { runFaults } from './faults/run-faults.ts';
import { parseOptions, usage, UsageError } from './options.ts';
import { runSections } from './run-sections.ts';

const closings = createClosings();
let isInterrupted = false;

for (const [signal, exitCode] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const) {
  process.on(signal, () => {
    // Told twice, it leaves everything as it is.
    if (isInterrupted) process.exit(exitCode);
    isInterrupted = true;
    void closings.close().then(() => process.exit(exitCode));
  });
}

try {
  const options = parseOptions(process.argv.slice(2));
  if (options === 'help') console.log(usage);
  else if (options.faultMinutes === 0) await runSections(options, closings);
  else if (!(await runFaults(options.faultMinutes, closings))) process.exitCode = 1;
} catch (error) {
  // What was under way fails as the servers under it are closed.
  if (!isInterrupted) {
    process.exitCode = 1;
    console.error((error as Error).message);
    if (error instanceof UsageError) console.error(`\n${usage}`);
  }
} finally {
  await closings.close();
}
