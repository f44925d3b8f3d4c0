import { styleText } from 'node:util';
import type { Context } from '../context.ts';
import { CliError, exitCodes } from '../errors.ts';

/** Prompts at the terminal, written to stderr, so that stdout contains only the output of the command. */
export interface Prompts {
  /** Enter without a value returns `defaultValue`. Typing replaces it. */
  text(message: string, defaultValue?: string): Promise<string>;
  password(message: string): Promise<string>;
  confirm(message: string): Promise<boolean>;
}

/**
 * @param fix The option to use without a terminal, as a sentence for the error message.
 * @throws CliError USAGE if there is no terminal.
 */
export async function openPrompts({ canPrompt, signal }: Context, fix: string): Promise<Prompts> {
  if (!canPrompt) throw new CliError('USAGE', `Cannot prompt, because this is not a terminal. ${fix}`);
  // Some terminals report no width. Prompts would then have one character per line.
  process.stderr.columns ||= 80;
  const { confirm, isCancel, password, text } = await import('@clack/prompts');
  const common = { output: process.stderr, signal, withGuide: false };

  async function orCancelled<Value>(prompt: Promise<Value>): Promise<Exclude<Value, symbol>> {
    const value = await prompt;
    if (!isCancel(value)) return value as Exclude<Value, symbol>;
    throw new CliError('CANCELLED', 'Cancelled. Nothing changed.', { exitCode: exitCodes.interrupted });
  }

  return {
    text: (message, defaultValue) =>
      orCancelled(
        text({
          ...common,
          message,
          ...(defaultValue === undefined ? { validate } : { defaultValue, placeholder: defaultValue }),
        }),
      ),
    password: (message) => orCancelled(password({ ...common, message, validate })),
    confirm: (message) => orCancelled(confirm({ ...common, message, initialValue: false })),
  };
}

const validate = (value: string | undefined) => (value?.trim() ? undefined : 'Enter a value.');

/** Bold text for a prompt. */
export const bold = (text: string) => styleText('bold', text, { stream: process.stderr });
