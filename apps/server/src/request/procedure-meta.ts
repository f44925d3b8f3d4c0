import type { AnyTRPCProcedure } from '@trpc/server';

/** What the API declares of a procedure for the limits of its calls. */
interface Meta {
  takesMany?: boolean;
  returns?: 'page' | 'many';
}

export const toMeta = ({ _def }: AnyTRPCProcedure): Meta => (_def.meta as Meta | undefined) ?? {};
