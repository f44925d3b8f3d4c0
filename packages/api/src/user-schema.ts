import { z } from 'zod';

export const userOutput = z.object({
  id: z.guid(),
  email: z.string().nullable(),
  name: z.string().nullable(),
  createdAt: z.iso.datetime({ precision: 3 }),
});
