import { createTask, deleteTask, getTask, listTasks, updateTask } from '@holdfast/db';
import {
  createTaskInput,
  deletedTaskOutput,
  deleteTaskInput,
  getTaskInput,
  listTasksInput,
  taskOutput,
  taskPageOutput,
  updateTaskInput,
} from './task-schema.ts';
import { router, userProcedure } from './trpc.ts';

export const taskRouter = router({
  create: userProcedure
    .input(createTaskInput)
    .output(taskOutput)
    .mutation(({ ctx, input }) => createTask(ctx.scope, input)),
  list: userProcedure
    .input(listTasksInput)
    .output(taskPageOutput)
    .query(({ ctx, input }) => listTasks(ctx.scope, input)),
  get: userProcedure
    .input(getTaskInput)
    .output(taskOutput)
    .query(({ ctx, input }) => getTask(ctx.scope, input)),
  update: userProcedure
    .input(updateTaskInput)
    .output(taskOutput)
    .mutation(({ ctx, input }) => updateTask(ctx.scope, input)),
  delete: userProcedure
    .input(deleteTaskInput)
    .output(deletedTaskOutput)
    .mutation(({ ctx, input }) => deleteTask(ctx.scope, input)),
});
