import { resolveTimeZone } from '@holdfast/task-values';
import { z } from 'zod';
import { accepts, hasAtMost, notBlank, text } from './task-schema.ts';
import type { UpdateUserInput, User } from './wire.ts';

const timeZone = z.string().transform((name, context) => {
  const zone = resolveTimeZone(name);
  if (zone !== null) return zone;
  context.addIssue({ code: 'custom', message: 'must be an IANA time zone, such as Europe/Berlin' });
  return z.NEVER;
});

export const updateUserInput = accepts<UpdateUserInput>()(
  z.strictObject({
    name: notBlank(text).refine(hasAtMost(200), 'must have at most 200 characters').optional(),
    timeZone: timeZone.nullish(),
  }),
);

export const userOutput: z.ZodType<User, User> = z.object({
  id: z.string(),
  email: z.string().nullable(),
  name: z.string().nullable(),
  createdAt: z.string(),
  timeZone: z.string().nullable(),
});
