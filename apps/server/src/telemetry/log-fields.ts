/** Rounds a duration in a log line to a tenth of a millisecond. */
export const roundToTenths = (milliseconds: number) => Math.round(milliseconds * 10) / 10;

/** Log fields of an error: its name, codes, stack and cause. Leaves out messages, which can contain users' texts. */
export function describeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { error: typeof error };
  const { code, sqlState } = error as { code?: unknown; sqlState?: unknown };
  const frames = error.stack
    ?.replace(error.message, '')
    .split('\n')
    .filter((line) => /^ {4}at /.test(line));
  return {
    error: error.name,
    ...(typeof code === 'string' && { code }),
    ...(typeof sqlState === 'string' && { sqlState }),
    ...(error.cause instanceof Error && { cause: describeError(error.cause) }),
    stack: frames?.join('\n'),
  };
}
