/**
 * The variables of the test run that the programs under test get. `NODE_COMPILE_CACHE` halves the CPU time of their starts, and with
 * `WORKERS=2 pnpm test`, all servers have two workers.
 */
export const programEnv = Object.fromEntries(
  ['PATH', 'WORKERS', 'NODE_COMPILE_CACHE'].map((name) => [name, process.env[name]]),
);
