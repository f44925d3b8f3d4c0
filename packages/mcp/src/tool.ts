import { formatIssue, formatIssues } from '@holdfast/api/format-issue';
import { z } from 'zod';
import type { ToolCalls } from './calls.ts';

/** Whether a tool changes data, and how. `adds` leaves everything that exists unchanged. */
type Effect = 'reads' | 'adds' | 'changes';

interface ToolDefinition<Input extends z.ZodType> {
  name: string;
  title: string;
  /** For the assistant. It must contain no text of a user. */
  description: string;
  effect: Effect;
  /** Whether a second call with the same arguments has no further effect. */
  isIdempotent: boolean;
  input: Input;
  run: (calls: ToolCalls, input: z.output<Input>) => Promise<object>;
}

/** A tool of an assistant. Each call of it is one call of a procedure. */
export interface Tool {
  name: string;
  isWrite: boolean;
  /** The entry in the list of tools. */
  listing: {
    name: string;
    title: string;
    description: string;
    inputSchema: { type: 'object' };
    annotations: { readOnlyHint: boolean; destructiveHint: boolean; idempotentHint: boolean; openWorldHint: false };
  };
  /** @throws InvalidArgumentsError, and the errors of the procedure */
  run: (calls: ToolCalls, given: unknown) => Promise<object>;
}

/** The arguments do not match the schema of the tool. */
export class InvalidArgumentsError extends Error {
  override readonly name = 'InvalidArgumentsError';
}

export function defineTool<Input extends z.ZodType>(definition: ToolDefinition<Input>): Tool {
  const { name, title, description, effect, isIdempotent, input, run } = definition;
  const annotations = {
    readOnlyHint: effect === 'reads',
    destructiveHint: effect === 'changes',
    idempotentHint: isIdempotent,
    openWorldHint: false as const,
  };
  const inputSchema = { ...z.toJSONSchema(input, { io: 'input' }), type: 'object' as const };
  return {
    name,
    isWrite: effect !== 'reads',
    listing: { name, title, description, inputSchema, annotations },
    async run(calls, given) {
      const parsed = input.safeParse(given, { error: formatIssue });
      if (!parsed.success) throw new InvalidArgumentsError(formatIssues(parsed.error));
      return run(calls, parsed.data);
    },
  };
}
