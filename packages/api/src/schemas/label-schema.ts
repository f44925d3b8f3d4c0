import { z } from 'zod';
import type { AllLabels, RenamedLabel, RenameLabelInput } from '../label-wire.ts';
import { arrayOf } from './list-of.ts';
import { accepts, countOutput, label, operationId } from './task-schema.ts';

export const listLabelsInput = accepts<Record<string, never> | undefined>()(z.strictObject({}).prefault({}));

export const renameLabelInput = accepts<RenameLabelInput>()(z.strictObject({ from: label, to: label, operationId }));

export const allLabelsOutput: z.ZodType<AllLabels, AllLabels> = z.object({
  items: arrayOf(z.object({ name: z.string(), count: countOutput })),
});

export const renamedLabelOutput: z.ZodType<RenamedLabel, RenamedLabel> = z.object({ count: countOutput });
