import { createTasks, deleteTasks, reorderTasks, updateTasks } from '@holdfast/db';
import {
  createTasksInput,
  deletedTasksOutput,
  deleteTasksInput,
  manyTasksOutput,
  reorderTasksInput,
  updatedTasksOutput,
  updateTasksInput,
} from '../schemas/many-schema.ts';
import { userProcedure, withMessages } from '../trpc.ts';

const manyProcedure = userProcedure.meta({ takesMany: true, returns: 'many' });

/** The procedures of `task` for several tasks. If one task cannot be changed, no task changes. */
export const manyProcedures = {
  createMany: manyProcedure
    .input(withMessages(createTasksInput))
    .output(withMessages(manyTasksOutput))
    .mutation(({ ctx, input }) => createTasks(ctx.scope, input.items)),
  updateMany: manyProcedure
    // With `returnPrevious`, it also reads the tasks before.
    .meta({ statements: 4 })
    .input(withMessages(updateTasksInput))
    .output(withMessages(updatedTasksOutput))
    .mutation(({ ctx, input }) => updateTasks(ctx.scope, input)),
  deleteMany: manyProcedure
    .input(withMessages(deleteTasksInput))
    .output(withMessages(deletedTasksOutput))
    .mutation(({ ctx, input }) => deleteTasks(ctx.scope, input)),
  reorder: manyProcedure
    .input(withMessages(reorderTasksInput))
    .output(withMessages(manyTasksOutput))
    .mutation(({ ctx, input }) => reorderTasks(ctx.scope, input)),
};
