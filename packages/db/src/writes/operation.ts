import { hashRequest } from './request-hash.ts';

/** A write that is applied once, however often it is sent. */
export interface Repeatable {
  /** The UUID that the client gave to this write. Default: none, so that each call is a new write. */
  operationId?: string | undefined;
}

/** The arguments of statements that depend on earlier calls with the same operation ID. */
export interface OperationArgs {
  operationId: string | undefined;
  /** Undefined exactly if `operationId` is. */
  requestHash: string | undefined;
}

/** @param procedure The name of the procedure, such as `task.update`. */
export function toOperationArgs(procedure: string, { operationId, ...input }: Repeatable): OperationArgs {
  return toOperation(procedure, operationId, input);
}

/** As `toOperationArgs`, if the ID is not part of the input. */
export function toOperation(procedure: string, operationId: string | undefined, input: object): OperationArgs {
  return { operationId, requestHash: operationId === undefined ? undefined : hashRequest(procedure, input) };
}

/** @throws OperationConflictError if the operation ID belongs to another call. @param hash That of the earlier call, if any. */
export function assertSameRequest(hash: string | null, { requestHash }: OperationArgs): void {
  if (hash !== null && hash !== requestHash) throw new OperationConflictError();
}

/** Another call has used the same operation ID. */
export class OperationConflictError extends Error {
  override readonly name = 'OperationConflictError';
  readonly code = 'OPERATION_CONFLICT';
  constructor() {
    super('Another call has used this operationId. Use a new one.');
  }
}
