import { type AnyTRPCProcedure, TRPCError } from '@trpc/server';
import { toMeta } from './procedure-meta.ts';

/** What a response can contain: a few records, pages that share the size limit of a response, or more than these. */
export type ResponseSize = 'few records' | 'pages' | 'more';

/** Calls whose responses together are small. */
const fewCalls = 3;

/** The size of a response with the results of these procedures. Null stands for an unknown one. */
export function toResponseSize(procedures: readonly (AnyTRPCProcedure | null)[]): ResponseSize {
  if (procedures.length > fewCalls || procedures.some(returnsMany)) return 'more';
  return procedures.some(isPage) ? 'pages' : 'few records';
}

const returnsMany = (procedure: AnyTRPCProcedure | null) => procedure === null || toMeta(procedure).returns === 'many';

/** Calls with many items in one request that gets JSON lines. */
const largeLinesMax = 2;

/**
 * tRPC writes JSON lines, each of which is a whole result, without a pause for other requests.
 *
 * @throws TRPCError BAD_REQUEST
 */
export function assertShortLines(procedures: readonly (AnyTRPCProcedure | null)[]): void {
  if (procedures.filter((procedure) => procedure !== null && returnsMany(procedure)).length <= largeLinesMax) return;
  throw new TRPCError({
    code: 'BAD_REQUEST',
    message: `A batch with application/jsonl can have ${largeLinesMax} calls that return many items. Send fewer, or accept application/json.`,
  });
}

/** Whether the result of the procedure ends at the size limit of a page. */
export const isPage = (procedure: AnyTRPCProcedure | null) =>
  procedure !== null && toMeta(procedure).returns === 'page';
