import { z } from 'zod';
import type {
  AllLists,
  CreateListInput,
  DeletedList,
  DeleteListInput,
  List,
  RestoreListInput,
  UpdateListInput,
} from './list-wire.ts';
import { accepts, hasAtMost, id, ifVersion, notBlank, operationId, position, text } from './task-schema.ts';

export const listContent = {
  name: notBlank(text).refine(hasAtMost(200), 'must have at most 200 characters'),
  color: notBlank(text).refine(hasAtMost(50), 'must have at most 50 characters').nullable(),
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
  id: z.string(),
  name: z.string(),
  color: z.string().nullable(),
  position: z.string(),
  archivedAt: z.string().nullable(),
  createdAt: z.string(),
  updatedAt: z.string(),
  version: z.number(),
});

export const allListsOutput: z.ZodType<AllLists, AllLists> = z.object({ items: z.array(listOutput) });

export const deletedListOutput: z.ZodType<DeletedList, DeletedList> = z.object({ id: z.string() });
