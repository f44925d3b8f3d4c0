/** As times are logged: a tenth of a millisecond is fine enough. */
export const toTenths = (milliseconds: number) => Math.round(milliseconds * 10) / 10;

/** What may be logged of an error: its kind and where it arose. Messages, a driver's above all, can hold users' texts. */
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
