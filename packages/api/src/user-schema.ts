import { z } from 'zod';
import type { User } from './wire.ts';

export const userOutput: z.ZodType<User, User> = z.object({
  id: z.string(),
  email: z.string().nullable(),
  name: z.string().nullable(),
  createdAt: z.string(),
});
