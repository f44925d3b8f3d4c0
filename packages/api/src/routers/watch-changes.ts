import { type ChangesPage, findRevision, listChanges, type UserScope } from '@holdfast/db';
import { tracked, type TrackedEnvelope, TRPCError } from '@trpc/server';
import type { Changes, WatchChangesInput } from '../changes-wire.ts';
import type { ChangeStream, Context } from '../context.ts';
import { toTRPCError } from '../errors.ts';
import { changesOutput } from '../schemas/changes-schema.ts';

/** The ID of a page without a cursor. A client sends it back as `lastEventId`. */
const noCursor = 'none';

/** Changes per page. */
const pageLimit = 500;

/** Failures that can pass while the stream stays open. */
const transientCodes = new Set(['SERVICE_UNAVAILABLE', 'GATEWAY_TIMEOUT']);

interface WatchOptions {
  ctx: Pick<Context, 'openStream' | 'pageBytes'> & { scope: UserScope };
  input: WatchChangesInput;
  signal: AbortSignal | undefined;
}

type Pages = AsyncGenerator<TrackedEnvelope<Changes>, void, void>;

/**
 * Reads the first page, and returns all pages as they arise. The first page comes at once. If it is empty, the client has every
 * change.
 *
 * @throws TRPCError if the cursor is not valid, or if there are too many streams.
 */
export async function watchChanges({ ctx, input, signal }: WatchOptions): Promise<Pages> {
  const { scope, openStream, pageBytes } = ctx;
  if (openStream === undefined) {
    throw new TRPCError({ code: 'METHOD_NOT_SUPPORTED', message: 'Streams need a server. Call changes.list instead.' });
  }
  const { lastEventId = input.since } = input;
  const stream = openStream({ userId: scope.userId, signal });
  const read = (since: string | undefined) =>
    stream.read(() => listChanges(scope, { since, limit: pageLimit, maxBytes: pageBytes }));
  try {
    const page = await read(lastEventId === noCursor ? undefined : lastEventId);
    return toPages(scope, { stream, page, read });
  } catch (error) {
    stream.close();
    if (isEnd(error)) return toNoPages(error);
    throw error;
  }
}

/** For a stream that ends before its first page, for example with the server. The client connects again. */
// oxlint-disable-next-line require-yield
async function* toNoPages(end: Error): Pages {
  throw end;
}

const isEnd = (cause: unknown): cause is Error => cause instanceof Error && cause.name === 'AbortError';

interface PageSource {
  stream: ChangeStream;
  /** The page to send. Undefined while the stream waits, to hold no page in memory. */
  page: ChangesPage | undefined;
  read: (since: string | undefined) => Promise<ChangesPage>;
}

async function* toPages(scope: UserScope, source: PageSource): Pages {
  const { stream, read } = source;
  try {
    for (let isFirst = true; ; isFirst = false) {
      const { cursor, hasMore } = source.page!;
      if (isFirst || !isEmpty(source.page!)) {
        yield toEvent(source.page!);
        stream.recordDelivery();
      }
      source.page = undefined;
      if (!hasMore) await stream.waitForChange(cursor === null ? null : findRevision(scope, cursor));
      source.page = await readAgain(stream, () => read(cursor ?? undefined));
    }
  } finally {
    stream.close();
  }
}

/** Reads until it succeeds. The stream still sends its heartbeat. A new connection of the client would fail as well. */
async function readAgain(stream: ChangeStream, read: () => Promise<ChangesPage>): Promise<ChangesPage> {
  for (;;) {
    try {
      return await read();
    } catch (cause) {
      const error = toNamedError(cause);
      if (!(error instanceof TRPCError && transientCodes.has(error.code))) throw error;
      await stream.pause();
    }
  }
}

/** An error of the database with its code on the wire. Other errors, such as the end of the stream, pass through. */
function toNamedError(cause: unknown): unknown {
  if (cause instanceof TRPCError || !(cause instanceof Error) || isEnd(cause)) return cause;
  return toTRPCError(new TRPCError({ code: 'INTERNAL_SERVER_ERROR', cause }));
}

function isEmpty({ tasks, lists, removed, hasMore, isReset }: ChangesPage): boolean {
  return tasks.length + lists.length + removed.length === 0 && !hasMore && !isReset;
}

function toEvent(page: ChangesPage): TrackedEnvelope<Changes> {
  const changes = changesOutput.parse(page);
  return tracked(changes.cursor ?? noCursor, changes);
}
