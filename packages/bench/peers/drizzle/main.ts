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

const firstPage = db
  .select(fields)
  .from(tasks)
  .where(eq(tasks.userId, sql.placeholder('userId')))
  .orderBy(desc(tasks.createdAt), desc(tasks.id))
  .limit(sql.placeholder('limit'))
  .prepare('first_page');

const oneTask = db
  .select(fields)
  .from(tasks)
  .where(and(eq(tasks.userId, sql.placeholder('userId')), eq(tasks.id, sql.placeholder('id'))))
  .prepare('one_task');

const newTask = db
  .insert(tasks)
  .values({
    userId: sql.placeholder('userId'),
    id: sql.placeholder('id'),
    title: sql.placeholder('title'),
    description: sql.placeholder('description'),
  })
  .returning(fields)
  .prepare('new_task');

const cursorSchema = z.object({ createdAt: z.date(), id: z.uuid() });
const title = z.string().trim().min(1).max(500);
const description = z.string().max(10_000).nullish();

const taskRouter = t.router({
  list: protectedProcedure
    .input(z.object({ limit: z.number().int().min(1).max(200).default(50), cursor: cursorSchema.nullish() }))
    .query(async ({ ctx, input: { limit, cursor } }) => {
      const rows = cursor
        ? await db
            .select(fields)
            .from(tasks)
            .where(
              and(
                eq(tasks.userId, ctx.userId),
                or(
                  lt(tasks.createdAt, cursor.createdAt),
                  and(eq(tasks.createdAt, cursor.createdAt), lt(tasks.id, cursor.id)),
                ),
              ),
            )
            .orderBy(desc(tasks.createdAt), desc(tasks.id))
            .limit(limit + 1)
        : await firstPage.execute({ userId: ctx.userId, limit: limit + 1 });
      const items = rows.slice(0, limit);
      const last = rows.length > limit ? items.at(-1) : undefined;
      return { items, nextCursor: last ? { createdAt: last.createdAt, id: last.id } : null };
    }),
  get: protectedProcedure.input(z.object({ id: z.uuid() })).query(async ({ ctx, input }) => {
    const [task] = await oneTask.execute({ userId: ctx.userId, id: input.id });
    if (!task) throw new TRPCError({ code: 'NOT_FOUND' });
    return task;
  }),
  create: protectedProcedure.input(z.object({ title, description })).mutation(async ({ ctx, input }) => {
    const [task] = await newTask.execute({
      userId: ctx.userId,
      id: randomUUID(),
      title: input.title,
      description: input.description ?? null,
    });
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
