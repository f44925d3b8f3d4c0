import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Comment, type Declaration, parseSync, type TSSignature, type TSType } from 'oxc-parser';

// Reads the docs of the wire types in packages/api, so that the document repeats no text.

const source = fileURLToPath(new URL('../../../packages/api/src/', import.meta.url));

/** A field of a wire type. */
export interface FieldDocs {
  text: string | undefined;
  /** Name of the field's own type, if it is a wire type. */
  typeName: string | undefined;
}

export interface TypeDocs {
  text: string | undefined;
  fields: Map<string, FieldDocs>;
}

interface Known {
  text: string | undefined;
  type: TSType | { type: 'Interface'; body: TSSignature[]; bases: TSType[] };
  docsOf: (start: number) => string | undefined;
}

const types = new Map<string, Known>();
/** Names of the wire types by the names of their schemas. */
export const typeNames = new Map<string, string>();

for (const file of readdirSync(source, { recursive: true, encoding: 'utf8' })) {
  if (file.endsWith('wire.ts')) readTypes(file);
  if (file.endsWith('schema.ts')) readSchemas(file);
}

function readTypes(file: string): void {
  const code = readFileSync(source + file, 'utf8');
  const { program, comments, errors } = parseSync(basename(file), code);
  if (errors.length > 0) throw new Error(`${file}: ${errors[0]!.message}`);
  const docsOf = (start: number) => findDocs(code, comments, start);
  for (const statement of program.body) {
    const declaration = (
      statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement
    ) as Declaration;
    const text = docsOf(statement.start);
    if (declaration?.type === 'TSTypeAliasDeclaration') {
      types.set(declaration.id.name, { text, type: declaration.typeAnnotation, docsOf });
    }
    if (declaration?.type === 'TSInterfaceDeclaration') {
      const bases = declaration.extends.map(
        (base) => ({ type: 'TSTypeReference', typeName: base.expression, typeArguments: base.typeArguments }) as TSType,
      );
      types.set(declaration.id.name, { text, type: { type: 'Interface', body: declaration.body.body, bases }, docsOf });
    }
  }
}

/** The comment right before a position, as one paragraph, with its lists. */
function findDocs(code: string, comments: Comment[], start: number): string | undefined {
  const comment = comments.find(({ end }) => end <= start && code.slice(end, start).trim() === '');
  if (comment === undefined || comment.type !== 'Block' || !comment.value.startsWith('*')) return undefined;
  return comment.value
    .slice(1)
    .split('\n')
    .map((line) => line.replace(/^\s*\*? ?/, '').trim())
    .filter((line) => !line.startsWith('@'))
    .join('\n')
    .trim()
    .replaceAll(/\n(?![-\n])/g, ' ');
}

/** `export const taskOutput: z.ZodType<Task, Task>` and `export const getTaskInput = accepts<GetTaskInput>()(…)`. */
function readSchemas(file: string): void {
  const code = readFileSync(source + file, 'utf8');
  const pattern = /export const (\w+)(?:: z\.ZodType<(\w+)|\s*=\s*accepts<([^>]+)>\(\))/g;
  for (const [, name, output, input] of code.matchAll(pattern)) {
    const typeName = output ?? input!.replace(/ \| undefined$/, '');
    if (/^\w+$/.test(typeName)) typeNames.set(name!, typeName);
  }
}

export function hasType(name: string): boolean {
  return types.has(name);
}

/** The docs of a type and of its fields, with those of the types that it extends. */
export function readDocs(name: string): TypeDocs {
  const known = types.get(name);
  if (known === undefined) throw new Error(`No wire type ${name}`);
  return { text: known.text, fields: readFields(known.type, known) };
}

function readFields(type: Known['type'], known: Known): Map<string, FieldDocs> {
  if (type.type === 'Interface') {
    const inherited = type.bases.flatMap((base) => [...readFields(base, known)]);
    return new Map([...inherited, ...readSignatures(type.body, known)]);
  }
  if (type.type === 'TSTypeLiteral') return new Map(readSignatures(type.members, known));
  if (type.type === 'TSIntersectionType') {
    return new Map(type.types.flatMap((part) => [...readFields(part, known)]));
  }
  if (type.type === 'TSTypeReference' && type.typeName.type === 'Identifier') {
    const { name } = type.typeName;
    // The keys that it removes do not matter: only fields of the schema are looked up.
    if (name === 'Omit') return readFields(type.typeArguments!.params[0]!, known);
    if (types.has(name)) return readDocs(name).fields;
  }
  return new Map();
}

function readSignatures(members: TSSignature[], { docsOf }: Known): [string, FieldDocs][] {
  return members.flatMap((member) => {
    if (member.type !== 'TSPropertySignature' || member.key.type !== 'Identifier') return [];
    const typeName = member.typeAnnotation ? findTypeName(member.typeAnnotation.typeAnnotation) : undefined;
    return [[member.key.name, { text: docsOf(member.start), typeName }] as [string, FieldDocs]];
  });
}

/** The first wire type in a field's type: of `Due | null`, of `Task[]`. */
function findTypeName(type: TSType): string | undefined {
  if (type.type === 'TSArrayType') return findTypeName(type.elementType);
  if (type.type === 'TSUnionType') return type.types.map(findTypeName).find((name) => name !== undefined);
  if (type.type !== 'TSTypeReference' || type.typeName.type !== 'Identifier') return undefined;
  return types.has(type.typeName.name) ? type.typeName.name : undefined;
}
