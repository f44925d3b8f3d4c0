import type { AnyTRPCProcedure } from '@trpc/server';
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

/** Whether the result of the procedure ends at the size limit of a page. */
export const isPage = (procedure: AnyTRPCProcedure | null) =>
  procedure !== null && toMeta(procedure).returns === 'page';
