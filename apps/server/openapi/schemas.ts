import { isDeepStrictEqual } from 'node:util';
import { appRouter } from '@holdfast/api';
import { z } from 'zod';
import * as calendar from '../../../packages/api/src/schemas/calendar-schema.ts';
import * as changes from '../../../packages/api/src/schemas/changes-schema.ts';
import * as labels from '../../../packages/api/src/schemas/label-schema.ts';
import * as lists from '../../../packages/api/src/schemas/list-schema.ts';
import * as many from '../../../packages/api/src/schemas/many-schema.ts';
import * as tasks from '../../../packages/api/src/schemas/task-schema.ts';
import * as trash from '../../../packages/api/src/schemas/trash-schema.ts';
import * as users from '../../../packages/api/src/schemas/user-schema.ts';
import { examples } from './examples.ts';
import { hasType, readDocs, typeNames } from './wire-docs.ts';

/** A JSON schema of OpenAPI 3.1. */
export interface JsonSchema {
  [keyword: string]: unknown;
  $ref?: string;
  type?: string | string[];
  format?: string;
  description?: string;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  allOf?: JsonSchema[];
}

interface Procedure {
  _def: { type: 'query' | 'mutation' | 'subscription'; inputs: [z.ZodType]; output?: z.ZodType };
}

export const procedures = appRouter._def.procedures as unknown as Record<string, Procedure>;

const namesBySchema = new Map<unknown, string>(
  [calendar, changes, labels, lists, many, tasks, trash, users].flatMap((module) =>
    Object.entries(module).flatMap(([name, schema]) => {
      const typeName = typeNames.get(name);
      return typeName === undefined ? [] : [[schema, typeName] as [unknown, string]];
    }),
  ),
);

/** The schemas with names, which all operations share. */
export const components: Record<string, JsonSchema> = {};

export const toRef = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` });

/** The schema itself, or that of its reference. */
export const resolve = (json: JsonSchema): JsonSchema =>
  json.$ref === undefined ? json : components[json.$ref.split('/').at(-1)!]!;

/** The input of a procedure with the docs of its wire type. Null if it has none. */
export function readInput(procedure: string): { schema: JsonSchema; typeName: string | undefined } | null {
  const schema = unwrap(procedures[procedure]!._def.inputs[0]);
  const json = toJson(schema, 'input');
  if (json.type === undefined) return null;
  const typeName = namesBySchema.get(schema);
  return { schema: typeName === undefined ? json : withDocs(json, typeName), typeName };
}

/** A reference to the output of a procedure. The pages of the stream are those of `changes.list`. */
export function readOutput(procedure: string): JsonSchema {
  const { output } = procedures[procedure]!._def;
  const schema = output === undefined ? changes.changesOutput : unwrap(output);
  const typeName = namesBySchema.get(schema);
  if (typeName === undefined) throw new Error(`The output of ${procedure} has no wire type.`);
  return addComponent(typeName, toJson(schema, 'output'));
}

/** The schema of a procedure has other messages, and hides the original. */
function unwrap(schema: z.ZodType): z.ZodType {
  return Object.getPrototypeOf(schema) as z.ZodType;
}

export function toJson(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
  const { $schema: _, default: __, ...json } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as JsonSchema;
  return tidy(json, io) as JsonSchema;
}

/** A format says more than its pattern. Responses may get new fields. Numbers of JavaScript have no other limits. */
function tidy(value: unknown, io: 'input' | 'output'): unknown {
  if (Array.isArray(value)) return value.map((item) => tidy(item, io));
  if (typeof value !== 'object' || value === null) return value;
  const { ...json } = value as JsonSchema;
  if (json.format !== undefined) delete json['pattern'];
  if (io === 'output') delete json['additionalProperties'];
  if (Math.abs(Number(json['minimum'])) === Number.MAX_SAFE_INTEGER) json['minimum'] = 1;
  if (json['maximum'] === Number.MAX_SAFE_INTEGER) delete json['maximum'];
  if (Array.isArray(json['enum']) && json['enum'].every(Number.isInteger)) json.type = 'integer';
  return Object.fromEntries(Object.entries(json).map(([key, item]) => [key, tidy(item, io)]));
}

/** Adds the docs of a wire type. Fields with a wire type of their own become references. */
export function withDocs(json: JsonSchema, typeName: string): JsonSchema {
  const { text, fields } = readDocs(typeName);
  if (json.allOf !== undefined) return withDocs(mergeParts(json.allOf), typeName);
  const properties = Object.entries(json.properties ?? {}).map(([name, field]): [string, JsonSchema] => {
    const { text: description, typeName: fieldType } = fields.get(name) ?? {};
    const documented = fieldType !== undefined && hasType(fieldType) ? toNamed(field, fieldType) : field;
    return [name, { ...(description !== undefined && { description }), ...documented }];
  });
  const example = examples[typeName];
  return {
    ...(text !== undefined && { description: text }),
    ...json,
    properties: Object.fromEntries(properties),
    ...(example !== undefined && { examples: [example] }),
  };
}

function mergeParts(parts: JsonSchema[]): JsonSchema {
  return {
    type: 'object',
    properties: Object.assign({}, ...parts.map(({ properties }) => properties)) as Record<string, JsonSchema>,
    required: parts.flatMap(({ required = [] }) => required),
  };
}

/** Replaces the object in a schema, in an array or beside null, by a reference to its type. */
function toNamed(json: JsonSchema, typeName: string): JsonSchema {
  if (json.type === 'array') return { ...json, items: toNamed(json.items!, typeName) };
  if (json.anyOf !== undefined) {
    return { ...json, anyOf: json.anyOf.map((part) => (isNull(part) ? part : toNamed(part, typeName))) };
  }
  return json.type === 'object' || json.allOf !== undefined ? addComponent(typeName, json) : json;
}

const isNull = (json: JsonSchema) => json.type === 'null';

/** @throws if two schemas with the same name differ. */
function addComponent(name: string, json: JsonSchema): JsonSchema {
  const component = withDocs(json, name);
  const known = components[name];
  if (known !== undefined && !isDeepStrictEqual(known, component)) {
    throw new Error(`Two schemas have the name ${name}.`);
  }
  components[name] = component;
  return toRef(name);
}

function omit(value: object, names: string[]): object {
  return Object.fromEntries(Object.entries(value).filter(([name]) => !names.includes(name)));
}

/** A named schema for the input of a procedure without the fields that a route takes from elsewhere. */
export function addBody(name: string, { schema, without }: { schema: JsonSchema; without: string[] }): JsonSchema {
  const properties = Object.entries(schema.properties ?? {}).filter(([field]) => !without.includes(field));
  const required = (schema.required ?? []).filter((field) => !without.includes(field));
  const { required: _, examples: given, ...rest } = schema;
  components[name] = {
    ...rest,
    properties: Object.fromEntries(properties),
    ...(required.length > 0 && { required }),
    ...(Array.isArray(given) && { examples: given.map((example) => omit(example as object, without)) }),
  };
  return toRef(name);
}
