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
import { router, toCheck, userProcedure } from './trpc.ts';

export const taskRouter = router({
  create: userProcedure
    .input(toCheck(createTaskInput))
    .output(toCheck(taskOutput))
    .mutation(({ ctx, input }) => createTask(ctx.scope, input)),
  list: userProcedure
    .input(toCheck(listTasksInput))
    .output(toCheck(taskPageOutput))
    .query(({ ctx, input }) => listTasks(ctx.scope, input)),
  get: userProcedure
    .input(toCheck(getTaskInput))
    .output(toCheck(taskOutput))
    .query(({ ctx, input }) => getTask(ctx.scope, input)),
  update: userProcedure
    .input(toCheck(updateTaskInput))
    .output(toCheck(taskOutput))
    .mutation(({ ctx, input }) => updateTask(ctx.scope, input)),
  delete: userProcedure
    .input(toCheck(deleteTaskInput))
    .output(toCheck(deletedTaskOutput))
    .mutation(({ ctx, input }) => deleteTask(ctx.scope, input)),
});
