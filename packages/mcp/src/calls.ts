import type { RouterInputs, RouterOutputs } from '@holdfast/api/client';

type Call<Area extends keyof RouterInputs, Name extends keyof RouterInputs[Area] & keyof RouterOutputs[Area]> = (
  input: RouterInputs[Area][Name],
) => Promise<RouterOutputs[Area][Name]>;

/** The procedures that the tools call, as one user. */
export interface ToolCalls {
  task: {
    list: Call<'task', 'list'>;
    get: Call<'task', 'get'>;
    createMany: Call<'task', 'createMany'>;
    updateMany: Call<'task', 'updateMany'>;
    deleteMany: Call<'task', 'deleteMany'>;
  };
  trash: {
    list: Call<'trash', 'list'>;
    restore: Call<'trash', 'restore'>;
  };
  list: {
    list: () => Promise<RouterOutputs['list']['list']>;
    create: Call<'list', 'create'>;
  };
}

/** Why a call failed, for the assistant. */
export interface Failure {
  /** Such as `NOT_FOUND`. */
  code: string;
  /** The problem and the fix, in sentences. */
  message: string;
  /** The tasks that the failure is about. */
  ids?: readonly string[] | undefined;
  /** Whether a write can have been applied. Default: false. */
  isOutcomeUnknown?: boolean;
}
