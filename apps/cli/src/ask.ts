import { styleText } from 'node:util';
import type { Context } from './context.ts';
import { CliError, exitCodes } from './errors.ts';

/** Questions to whoever sits at the terminal. They are written to the side: what a command answers is not mixed with them. */
export interface Questions {
  text(message: string, initialValue?: string): Promise<string>;
  password(message: string): Promise<string>;
  confirm(message: string): Promise<boolean>;
}

/** @throws CliError USAGE, with what to do instead, where nobody can be asked. */
export async function openQuestions({ canAsk, signal }: Context, instead: string): Promise<Questions> {
  if (!canAsk) throw new CliError('USAGE', `Nobody can be asked here, for this is no terminal: ${instead}`);
  // Some terminals do not know their width; the questions would be written a character a line.
  process.stderr.columns ||= 80;
  const { confirm, isCancel, password, text } = await import('@clack/prompts');
  const common = { output: process.stderr, signal, withGuide: false };

  async function answered<Value>(asking: Promise<Value>): Promise<Exclude<Value, symbol>> {
    const answer = await asking;
    if (!isCancel(answer)) return answer as Exclude<Value, symbol>;
    throw new CliError('CANCELLED', 'Stopped: nothing was done.', { exitCode: exitCodes.interrupted });
  }

  return {
    text: (message, initialValue = '') => answered(text({ ...common, message, initialValue, validate })),
    password: (message) => answered(password({ ...common, message, validate })),
    confirm: (message) => answered(confirm({ ...common, message, initialValue: false })),
  };
}

const validate = (value: string | undefined) => (value?.trim() ? undefined : 'Something has to be here.');

/** Emphasis in what is asked. */
export const strong = (text: string) => styleText('bold', text, { stream: process.stderr });
