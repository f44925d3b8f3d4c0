import { randomUUID } from 'node:crypto';
import { initTRPC, TRPCError } from '@trpc/server';
import { createHTTPServer } from '@trpc/server/adapters/standalone';
import { and, desc, eq, lt, or, sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import { Pool } from 'pg';
import superjson from 'superjson';
import { z } from 'zod';
import { createVerifyToken } from '../../src/verify-token.ts';
import { tasks } from './schema.ts';

const db = drizzle({ client: new Pool({ connectionString: process.env.DATABASE_URL, max: 10 }) });
const verifyToken = createVerifyToken(process.env);

const t = initTRPC.context<{ userId: string | null }>().create({
  transformer: superjson,
  errorFormatter: ({ shape, error }) => ({
    ...shape,
    data: { ...shape.data, zodError: error.cause instanceof z.ZodError ? z.flattenError(error.cause) : null },
  }),
});

const protectedProcedure = t.procedure.use(({ ctx, next }) => {
  if (ctx.userId === null) throw new TRPCError({ code: 'UNAUTHORIZED' });
  return next({ ctx: { userId: ctx.userId } });
});

const fields = {
  id: tasks.id,
  title: tasks.title,
  description: tasks.description,
  completed: tasks.completed,
  completedAt: tasks.completedAt,
  createdAt: tasks.createdAt,
  updatedAt: tasks.updatedAt,
  version: tasks.version,
};

const selectPage = (userId: string, limit: number) =>
  db
    .select(fields)
    .from(tasks)
    .where(eq(tasks.userId, userId))
    .orderBy(desc(tasks.createdAt), desc(tasks.id))
    .limit(limit);

const selectTask = (userId: string, id: string) =>
  db
    .select(fields)
    .from(tasks)
    .where(and(eq(tasks.userId, userId), eq(tasks.id, id)));

const insertTask = (task: { userId: string; id: string; title: string; description: string | null }) =>
  db.insert(tasks).values(task).returning(fields);

const given = (name: string) => sql.placeholder(name) as never;
const prepared =
  process.env.PREPARED === undefined
    ? null
    : {
        page: selectPage(given('userId'), given('limit')).prepare('page'),
        task: selectTask(given('userId'), given('id')).prepare('task'),
        newTask: insertTask({
          userId: given('userId'),
          id: given('id'),
          title: given('title'),
          description: given('description'),
        }).prepare('new_task'),
      };

const cursorSchema = z.object({ createdAt: z.date(), id: z.uuid() });
const title = z.string().trim().min(1).max(500);
const description = z.string().max(10_000).nullish();

const taskRouter = t.router({
  list: protectedProcedure
    .input(z.object({ limit: z.number().int().min(1).max(200).default(50), cursor: cursorSchema.nullish() }))
    .query(async ({ ctx: { userId }, input: { limit, cursor } }) => {
      const rows = cursor
        ? await db
            .select(fields)
            .from(tasks)
            .where(
              and(
                eq(tasks.userId, userId),
                or(
                  lt(tasks.createdAt, cursor.createdAt),
                  and(eq(tasks.createdAt, cursor.createdAt), lt(tasks.id, cursor.id)),
                ),
              ),
            )
            .orderBy(desc(tasks.createdAt), desc(tasks.id))
            .limit(limit + 1)
        : await (prepared ? prepared.page.execute({ userId, limit: limit + 1 }) : selectPage(userId, limit + 1));
      const items = rows.slice(0, limit);
      const last = rows.length > limit ? items.at(-1) : undefined;
      return { items, nextCursor: last ? { createdAt: last.createdAt, id: last.id } : null };
    }),
  get: protectedProcedure.input(z.object({ id: z.uuid() })).query(async ({ ctx: { userId }, input: { id } }) => {
    const [task] = await (prepared ? prepared.task.execute({ userId, id }) : selectTask(userId, id));
    if (!task) throw new TRPCError({ code: 'NOT_FOUND' });
    return task;
  }),
  create: protectedProcedure.input(z.object({ title, description })).mutation(async ({ ctx, input }) => {
    const values = {
      userId: ctx.userId,
      id: randomUUID(),
      title: input.title,
      description: input.description ?? null,
    };
    const [task] = await (prepared ? prepared.newTask.execute(values) : insertTask(values));
    return task;
  }),
  update: protectedProcedure
    .input(z.object({ id: z.uuid(), title: title.optional(), description }))
    .mutation(async ({ ctx, input: { id, ...changes } }) => {
      const [task] = await db
        .update(tasks)
        .set({ ...changes, updatedAt: new Date(), version: sql`${tasks.version} + 1` })
        .where(and(eq(tasks.userId, ctx.userId), eq(tasks.id, id)))
        .returning(fields);
      if (!task) throw new TRPCError({ code: 'NOT_FOUND' });
      return task;
    }),
  delete: protectedProcedure.input(z.object({ id: z.uuid() })).mutation(async ({ ctx, input }) => {
    const [task] = await db
      .delete(tasks)
      .where(and(eq(tasks.userId, ctx.userId), eq(tasks.id, input.id)))
      .returning({ id: tasks.id });
    if (!task) throw new TRPCError({ code: 'NOT_FOUND' });
    return task;
  }),
});

const server = createHTTPServer({
  router: t.router({ task: taskRouter }),
  basePath: '/trpc/',
  createContext: async ({ req }) => ({ userId: await verifyToken(req.headers.authorization) }),
});

server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as { port: number }).port}\n`);
});
