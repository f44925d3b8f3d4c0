import { createHash } from 'node:crypto';
import { PrismaPg } from '@prisma/adapter-pg';
import { initTRPC, TRPCError } from '@trpc/server';
import { createHTTPServer } from '@trpc/server/adapters/standalone';
import superjson from 'superjson';
import { z } from 'zod';
import { createVerifyToken } from '../../src/verify-token.ts';
import { PrismaClient } from './generated/client.ts';

/** PostgreSQL stores plans only for named statements. The limit of 500 names excludes bulk statements, which have many shapes. */
const names = new Map<string, string>();
function toName({ sql }: { sql: string }): string | undefined {
  let name = names.get(sql);
  if (name === undefined && names.size < 500) {
    name = createHash('sha256').update(sql).digest('base64url').slice(0, 32);
    names.set(sql, name);
  }
  return name;
}

const adapter = new PrismaPg(
  { connectionString: process.env.DATABASE_URL, max: 10 },
  process.env.PREPARED === undefined ? {} : { statementNameGenerator: toName },
);
const prisma = new PrismaClient({ adapter });
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

const omit = { userId: true } as const;
const title = z.string().trim().min(1).max(500);
const description = z.string().max(10_000).nullish();

function orNotFound(error: unknown): never {
  if ((error as { code?: string }).code === 'P2025') throw new TRPCError({ code: 'NOT_FOUND', cause: error });
  throw error;
}

const taskRouter = t.router({
  list: protectedProcedure
    .input(z.object({ limit: z.number().int().min(1).max(200).default(50), cursor: z.uuid().nullish() }))
    .query(async ({ ctx: { userId }, input: { limit, cursor } }) => {
      const rows = await prisma.task.findMany({
        where: { userId },
        orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
        take: limit + 1,
        omit,
        ...(cursor && { cursor: { userId_id: { userId, id: cursor } } }),
      });
      return { items: rows.slice(0, limit), nextCursor: rows[limit]?.id ?? null };
    }),
  get: protectedProcedure.input(z.object({ id: z.uuid() })).query(async ({ ctx: { userId }, input: { id } }) => {
    const task = await prisma.task.findUnique({ where: { userId_id: { userId, id } }, omit });
    if (!task) throw new TRPCError({ code: 'NOT_FOUND' });
    return task;
  }),
  create: protectedProcedure
    .input(z.object({ title, description }))
    .mutation(({ ctx: { userId }, input }) =>
      prisma.task.create({ data: { userId, title: input.title, description: input.description ?? null }, omit }),
    ),
  update: protectedProcedure
    .input(z.object({ id: z.uuid(), title: title.optional(), description }))
    .mutation(({ ctx: { userId }, input: { id, ...changes } }) =>
      prisma.task
        .update({
          where: { userId_id: { userId, id } },
          data: { ...changes, version: { increment: 1 } },
          omit,
        })
        .catch(orNotFound),
    ),
  delete: protectedProcedure
    .input(z.object({ id: z.uuid() }))
    .mutation(({ ctx: { userId }, input: { id } }) =>
      prisma.task.delete({ where: { userId_id: { userId, id } }, select: { id: true } }).catch(orNotFound),
    ),
});

const server = createHTTPServer({
  router: t.router({ task: taskRouter }),
  basePath: '/trpc/',
  createContext: async ({ req }) => ({ userId: await verifyToken(req.headers.authorization) }),
});

server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as { port: number }).port}\n`);
});
