import { z } from 'zod';
import { httpUrl } from './env-formats.ts';
import type { TracingSettings } from './telemetry/tracing.ts';

const samplers = ['always_on', 'always_off', 'traceidratio'] as const;

/** OpenTelemetry's standard variables. Its SDK reads the others, such as headers and batch sizes. */
export const traceVariables = {
  // In any case, as OpenTelemetry specifies.
  OTEL_SDK_DISABLED: z.stringbool({ truthy: ['true'], falsy: ['false'] }).optional(),
  OTEL_TRACES_EXPORTER: z.enum(['otlp', 'none']).optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: httpUrl.optional(),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: httpUrl.optional(),
  // A receiver that supports one of these protocols also supports the other.
  OTEL_EXPORTER_OTLP_PROTOCOL: z.enum(['http/json', 'http/protobuf']).optional(),
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: z.enum(['http/json', 'http/protobuf']).optional(),
  OTEL_TRACES_SAMPLER: z
    .enum([...samplers, ...samplers.map((name) => `parentbased_${name}` as const)])
    .default('parentbased_always_on'),
  OTEL_TRACES_SAMPLER_ARG: z
    .string()
    .refine((text) => /^[\d.]+$/.test(text) && Number(text) <= 1, { error: 'must be a number from 0 to 1' })
    .transform(Number)
    .default(1),
};

/** Null if no spans are sent. */
export function toTracing(env: z.output<z.ZodObject<typeof traceVariables>>): TracingSettings | null {
  const exporter =
    env.OTEL_TRACES_EXPORTER ??
    ((env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? env.OTEL_EXPORTER_OTLP_ENDPOINT) ? 'otlp' : 'none');
  if (exporter === 'none' || env.OTEL_SDK_DISABLED) return null;
  return { sampler: env.OTEL_TRACES_SAMPLER, ratio: env.OTEL_TRACES_SAMPLER_ARG };
}
