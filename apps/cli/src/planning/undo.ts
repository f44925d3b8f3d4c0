import { createHash } from 'node:crypto';
import { mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { CliError } from '../errors.ts';
import { correctMode, readIfExists, writeAtomically } from '../files/private-files.ts';

/** Most bytes of a stored undo. 500 tasks with long descriptions fit. */
export const undoBytesMax = 8 * 1024 * 1024;

const ids = z.array(z.guid()).min(1);
const due = z.strictObject({ date: z.string(), time: z.string().optional(), timeZone: z.string().optional() });

/** The fields of a task that an update can set. A field that is absent did not change. */
const values = z.strictObject({
  title: z.string().optional(),
  description: z.string().nullable().optional(),
  completed: z.boolean().optional(),
  listId: z.guid().nullable().optional(),
  due: due.nullable().optional(),
  priority: z.literal([0, 1, 2, 3]).optional(),
  labels: z.array(z.string()).optional(),
  position: z.string().optional(),
});

const change = z.discriminatedUnion('kind', [
  /** Undone by moving the tasks to the trash. */
  z.strictObject({ kind: z.literal('created'), ids }),
  /** Undone by restoring the tasks from the trash. */
  z.strictObject({ kind: z.literal('deleted'), ids }),
  /** Undone by setting the previous values, if the task still has `version`. */
  z.strictObject({
    kind: z.literal('updated'),
    tasks: z.array(z.strictObject({ id: z.guid(), version: z.int().positive(), before: values })).min(1),
  }),
  /** A change of a list. */
  z.strictObject({ kind: z.literal('createdList'), id: z.guid() }),
  z.strictObject({ kind: z.literal('deletedList'), id: z.guid() }),
  z.strictObject({ kind: z.literal('renamedList'), id: z.guid(), version: z.int().positive(), name: z.string() }),
  /** The command cannot be undone: it changed too much. */
  z.strictObject({ kind: z.literal('tooLarge') }),
  /** The command cannot be undone. */
  z.strictObject({ kind: z.literal('final') }),
]);

const entry = z.strictObject({ command: z.string(), change });

const file = z.strictObject({ format: z.literal(1), server: z.string(), account: z.string(), entry });

/** The change that the last command made. */
export type UndoChange = z.infer<typeof change>;

export interface UndoEntry {
  /** The command for people, such as `done`. */
  command: string;
  change: UndoChange;
}

/** The values that an update can set. */
export type TaskValues = z.infer<typeof values>;

/** The account whose tasks a command changed. Another account at the same server never gets the entry. */
export interface UndoOwner {
  server: string;
  /** Any text that identifies the account: its email address, or a token, of which only a hash is stored. */
  account: string;
}

/** The last command of each server. */
export interface UndoStore {
  /** Replaces the entry. An entry above `undoBytesMax` is stored as `tooLarge`. */
  save(owner: UndoOwner, entry: UndoEntry): Promise<void>;
  /** Undefined if there is no entry of this account. @throws CliError FILE_FAILED */
  find(owner: UndoOwner): Promise<UndoEntry | undefined>;
  remove(owner: UndoOwner): Promise<void>;
}

/** Opens the store. Without a folder (a user without a home folder), nothing is stored. */
export function createUndoStore(folder: string | undefined): UndoStore {
  if (folder === undefined) return { save: async () => {}, find: async () => undefined, remove: async () => {} };
  const undoFolder = join(folder, 'undo');
  const pathOf = ({ server }: UndoOwner) => join(undoFolder, `${encodeURIComponent(server)}.json`);
  return {
    save: (owner, given) =>
      withPath(pathOf(owner), async () => {
        await mkdir(undoFolder, { recursive: true, mode: 0o700 });
        for (const path of [folder, undoFolder]) await correctMode(path, 0o700);
        const text = toFileText(owner, given);
        const isTooLarge = Buffer.byteLength(text) > undoBytesMax;
        await writeAtomically(
          pathOf(owner),
          isTooLarge ? toFileText(owner, { ...given, change: { kind: 'tooLarge' } }) : text,
        );
      }),
    find: (owner) =>
      withPath(pathOf(owner), async () => {
        const text = await readBounded(pathOf(owner));
        if (text === undefined) return undefined;
        const { server, account, entry: found } = parseFile(text);
        return server === owner.server && account === toHash(owner.account) ? found : undefined;
      }),
    remove: (owner) => withPath(pathOf(owner), () => rm(pathOf(owner), { force: true })),
  };
}

function toFileText({ server, account }: UndoOwner, given: UndoEntry): string {
  return `${JSON.stringify({ format: 1, server, account: toHash(account), entry: given } satisfies z.infer<typeof file>)}\n`;
}

const toHash = (text: string) => createHash('sha256').update(text).digest('hex');

async function readBounded(path: string): Promise<string | undefined> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (found !== undefined && found.size > undoBytesMax) throw new SyntaxError('The file is too large.');
  return found && readIfExists(path);
}

function parseFile(text: string): z.infer<typeof file> {
  const parsed = file.safeParse(JSON.parse(text));
  if (parsed.success) return parsed.data;
  throw new SyntaxError('The file contains no undo entry.', { cause: parsed.error });
}

async function withPath<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    const message =
      error instanceof SyntaxError
        ? `${path} is damaged. Remove it. The last command cannot be undone.`
        : `Cannot access ${path} (${(error as NodeJS.ErrnoException).code}). Make yourself its owner.`;
    throw new CliError('FILE_FAILED', message, { cause: error, more: { path } });
  }
}
