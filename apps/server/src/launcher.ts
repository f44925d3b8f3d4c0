import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** npx, npm and pnpm, and the shells that they start. */
const launcher = /(?:^|[\s/'"])(?:npx|npm|pnpm|pnpx|yarn)(?:\.c?js)?(?:$|[\s'"])|^(?:\S*\/)?(?:ba|da)?sh -c /;

const checkMs = 500;

/**
 * Calls back when a package manager that started this process has ended. npx does not pass signals on, so that after a
 * SIGTERM to `npx pnpm start`, the server would continue to run alone.
 */
export function onLauncherExit(env: NodeJS.ProcessEnv, callback: () => void): void {
  // Package managers set this variable for their scripts.
  if (env['npm_lifecycle_event'] === undefined) return;
  const launchers = findLaunchers(process.ppid);
  if (launchers.length === 0) return;
  const checking = setInterval(() => {
    if (launchers.every(isRunning)) return;
    clearInterval(checking);
    callback();
  }, checkMs);
  checking.unref();
}

/** The processes between this one and the user's shell or service manager. */
function findLaunchers(pid: number): number[] {
  const launchers: number[] = [];
  for (let next = pid; next > 1;) {
    const found = readProcess(next);
    if (found === null || !launcher.test(found.command)) break;
    launchers.push(next);
    next = found.parent;
  }
  return launchers;
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function readProcess(pid: number): { parent: number; command: string } | null {
  try {
    if (process.platform === 'linux') {
      // The name in parentheses can contain spaces and parentheses.
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '');
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      return { parent: Number(stat.split(' ')[1]), command };
    }
    const [, parent, command] = /^\s*(\d+)\s+(.*)$/s.exec(
      execFileSync('ps', ['-o', 'ppid=,args=', '-p', String(pid)], { encoding: 'utf8' }),
    )!;
    return { parent: Number(parent), command: command! };
  } catch {
    return null;
  }
}
