import { z } from 'zod';
import type {
  AllLists,
  CreateListInput,
  DeletedList,
  DeleteListInput,
  List,
  RestoreListInput,
  UpdateListInput,
} from '../list-wire.ts';
import { arrayOf } from './list-of.ts';
import {
  accepts,
  atMost,
  id,
  idOutput,
  ifVersion,
  notBlank,
  operationId,
  position,
  text,
  timeOutput,
  versionOutput,
} from './task-schema.ts';

export const listContent = {
  name: atMost(notBlank(text), 200),
  color: atMost(notBlank(text), 50).nullable(),
  position,
};
const optionalContent = z.object(listContent).partial().shape;

export const createListInput = accepts<CreateListInput>()(
  z.strictObject({ id: id.optional(), ...optionalContent, name: listContent.name }),
);

export const listListsInput = accepts<Record<string, never> | undefined>()(z.strictObject({}).prefault({}));

export const updateListInput = accepts<UpdateListInput>()(
  z.strictObject({ id, ...optionalContent, archived: z.boolean().optional(), ifVersion, operationId }),
);

export const deleteListInput = accepts<DeleteListInput>()(
  z
    .strictObject({ id, moveTo: id.nullish(), ifVersion, operationId })
    .refine(({ id, moveTo }) => moveTo?.toLowerCase() !== id.toLowerCase(), {
      path: ['moveTo'],
      message: 'must be another list',
    }),
);

export const restoreListInput = accepts<RestoreListInput>()(z.strictObject({ id, operationId }));

export const listOutput: z.ZodType<List, List> = z.object({
  id: idOutput,
  name: z.string(),
  color: z.string().nullable(),
  position: z.string(),
  archivedAt: timeOutput.nullable(),
  createdAt: timeOutput,
  updatedAt: timeOutput,
  version: versionOutput,
});

export const listsOutput = arrayOf(listOutput);

export const allListsOutput: z.ZodType<AllLists, AllLists> = z.object({ items: listsOutput });

export const deletedListOutput: z.ZodType<DeletedList, DeletedList> = z.object({ id: idOutput });
