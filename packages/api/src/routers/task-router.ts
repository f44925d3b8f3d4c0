import { countTasks, createTask, deleteTask, getTask, listTasks, updateTask } from '@holdfast/db';
import {
  countTasksInput,
  createTaskInput,
  deletedTaskOutput,
  deleteTaskInput,
  getTaskInput,
  listTasksInput,
  taskCountOutput,
  taskOutput,
  taskPageOutput,
  updateTaskInput,
} from '../schemas/task-schema.ts';
import { router, withMessages, userProcedure } from '../trpc.ts';
import { manyProcedures } from './many-router.ts';

export const taskRouter = router({
  create: userProcedure
    // The fourth statement finds a task that an earlier call has created.
    .meta({ statements: 4 })
    .input(withMessages(createTaskInput))
    .output(withMessages(taskOutput))
    .mutation(({ ctx, input }) => createTask(ctx.scope, input)),
  list: userProcedure
    .meta({ returns: 'page' })
    .input(withMessages(listTasksInput))
    .output(withMessages(taskPageOutput))
    .query(({ ctx, input }) =>
      listTasks(ctx.scope, { ...input, cursor: input.cursor ?? undefined, maxBytes: ctx.pageBytes }),
    ),
  count: userProcedure
    .input(withMessages(countTasksInput))
    .output(withMessages(taskCountOutput))
    .query(({ ctx, input }) => countTasks(ctx.scope, input)),
  get: userProcedure
    .input(withMessages(getTaskInput))
    .output(withMessages(taskOutput))
    .query(({ ctx, input }) => getTask(ctx.scope, input)),
  update: userProcedure
    .input(withMessages(updateTaskInput))
    .output(withMessages(taskOutput))
    .mutation(({ ctx, input }) => updateTask(ctx.scope, input)),
  delete: userProcedure
    .input(withMessages(deleteTaskInput))
    .output(withMessages(deletedTaskOutput))
    .mutation(({ ctx, input }) => deleteTask(ctx.scope, input)),
  ...manyProcedures,
});
