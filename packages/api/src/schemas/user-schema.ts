import { resolveTimeZone } from '@holdfast/task-values';
import { z } from 'zod';
import type {
  DeletedUser,
  DeleteUserInput,
  ExportDataInput,
  ExportedData,
  ImportDataInput,
  ImportedData,
} from '../user-data-wire.ts';
import type { UpdateUserInput, User } from '../wire.ts';
import { arrayOf, listOf } from './list-of.ts';
import { listContent, listOutput } from './list-schema.ts';
import {
  accepts,
  atMost,
  content,
  countOutput,
  id,
  idOutput,
  notBlank,
  optionalContent,
  tasksOutput,
  text,
  time,
  timeOutput,
} from './task-schema.ts';

const timeZone = z.string().transform((name, context) => {
  const zone = resolveTimeZone(name);
  if (zone !== null) return zone;
  context.addIssue({ code: 'custom', message: 'must be an IANA time zone, such as Europe/Berlin' });
  return z.NEVER;
});

export const updateUserInput = accepts<UpdateUserInput>()(
  z.strictObject({
    name: atMost(notBlank(text), 200).optional(),
    timeZone: timeZone.nullish(),
  }),
);

export const userOutput: z.ZodType<User, User> = z.object({
  id: idOutput,
  email: z.string().nullable(),
  name: z.string().nullable(),
  createdAt: timeOutput,
  timeZone: z.string().nullable(),
});

const rowsMax = 500;

export const exportDataInput = accepts<ExportDataInput | undefined>()(
  z.strictObject({ cursor: z.string().max(200).nullish() }).prefault({}),
);

export const exportedDataOutput: z.ZodType<ExportedData, ExportedData> = z.object({
  lists: arrayOf(z.intersection(listOutput, z.object({ deletedAt: timeOutput.nullable() }))),
  tasks: tasksOutput,
  nextCursor: z.string().nullable(),
});

const times = {
  createdAt: time.optional(),
  updatedAt: time.optional(),
  version: z.int().min(1).max(1_000_000_000).optional(),
  deletedAt: time.nullish(),
};

interface Times {
  createdAt?: string | undefined;
  [name: string]: unknown;
}

function refuseEarlyTimes(row: Times, context: z.core.$RefinementCtx): void {
  for (const name of ['updatedAt', 'deletedAt', 'completedAt', 'archivedAt']) {
    const value = row[name];
    if (row.createdAt === undefined || typeof value !== 'string' || value >= row.createdAt) continue;
    context.addIssue({ code: 'custom', path: [name], message: 'must not be before createdAt' });
  }
}

interface Completion {
  completed?: boolean | undefined;
  completedAt?: string | null | undefined;
}

function refuseOtherCompletion({ completed, completedAt }: Completion, context: z.core.$RefinementCtx): void {
  const problem =
    completed === true && completedAt === null
      ? 'must be a time if completed is true'
      : completed === false && completedAt
        ? 'must be null if completed is false'
        : undefined;
  if (problem !== undefined) context.addIssue({ code: 'custom', path: ['completedAt'], message: problem });
}

const list = z
  .strictObject({
    id,
    ...z.object(listContent).partial().shape,
    name: listContent.name,
    ...times,
    archivedAt: time.nullish(),
  })
  .superRefine(refuseEarlyTimes);

const task = z
  .strictObject({ id, ...optionalContent, title: content.title, ...times, completedAt: time.nullish() })
  .superRefine(refuseEarlyTimes)
  .superRefine(refuseOtherCompletion);

const tooMany = 'must have at most 500 rows; send several calls';

function refuseRepeatedIds(rows: { id: string }[], context: z.core.$RefinementCtx): void {
  if (new Set(rows.map((row) => row.id.toLowerCase())).size === rows.length) return;
  context.addIssue({ code: 'custom', message: 'must not repeat an id' });
}

export const importDataInput = accepts<ImportDataInput>()(
  z
    .strictObject({
      lists: listOf(list, { max: rowsMax, error: tooMany }).superRefine(refuseRepeatedIds).optional(),
      tasks: listOf(task, { max: rowsMax, error: tooMany }).superRefine(refuseRepeatedIds).optional(),
    })
    .refine(({ lists = [], tasks = [] }) => lists.length + tasks.length <= rowsMax, tooMany),
);

export const importedDataOutput: z.ZodType<ImportedData, ImportedData> = z.object({
  created: countOutput,
  unchanged: countOutput,
  conflicts: arrayOf(z.object({ kind: z.enum(['task', 'list']), id: idOutput })),
});

export const deleteUserInput = accepts<DeleteUserInput | undefined>()(
  z.strictObject({ password: z.string().max(128, 'must have at most 128 characters').optional() }).prefault({}),
);

export const deletedUserOutput: z.ZodType<DeletedUser, DeletedUser> = z.strictObject({});
