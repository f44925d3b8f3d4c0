import { type CreateTaskInput, type ErrorCode, type Holdfast, isHoldfastError, newTaskId } from '@holdfast/client';

/** A task on the screen. */
export interface Row {
  input: CreateTaskInput & { id: string };
  state: 'saving' | 'saved' | 'unsaved';
}

/** The server will never accept these tasks. */
const refusals = new Set<ErrorCode>(['BAD_REQUEST', 'CONFLICT', 'NOT_FOUND', 'PAYLOAD_TOO_LARGE']);

/** Shows each new task at once. `show` renders the rows. */
export function createAdder(holdfast: Holdfast, show: (rows: Row[]) => void) {
  const rows = new Map<string, Row>();

  function put(row: Row): void {
    rows.set(row.input.id, row);
    show([...rows.values()]);
  }

  async function save(input: Row['input']): Promise<void> {
    put({ input, state: 'saving' });
    try {
      const { title } = await holdfast.task.create(input);
      put({ input: { ...input, title }, state: 'saved' });
    } catch (error) {
      if (isHoldfastError(error) && refusals.has(error.code)) {
        rows.delete(input.id);
        show([...rows.values()]);
        throw error;
      }
      // Perhaps the server has stored the task. The same ID makes a second attempt harmless.
      put({ input, state: 'unsaved' });
    }
  }

  return {
    /** @throws HoldfastError if the server refused the task. The row is gone then. */
    add: (input: CreateTaskInput) => save({ ...input, id: newTaskId() }),
    /** Sends all unsaved tasks again, for example when the network is back. */
    retry: () =>
      Promise.all([...rows.values()].filter(({ state }) => state === 'unsaved').map(({ input }) => save(input))),
  };
}
