import { Slices } from '@holdfast/operation';

/** A JSON text, or the bytes of a long one. */
export type JsonBody = string | Buffer[];

/** Longer arrays are written in slices, and so are arrays of objects with longer texts. */
const shortItems = 20;
const shortText = 1000;

/** Characters. Shorter texts are joined. */
const partLength = 64 * 1024;

/**
 * Writes a value as `JSON.stringify` does. A value with a long array, or with an array of long
 * objects, can have many megabytes. It is written in slices, so that other requests do not wait.
 *
 * @param value The plain data of a response, or an array of them.
 */
export function toJsonBody(value: unknown): string | Promise<JsonBody> {
  const levels = countLevels(value);
  return needsSlices(value, levels) ? new JsonWriter().write(value as object, levels) : JSON.stringify(value);
}

/** The levels of objects down to the field with the items, so that no item is searched. */
function countLevels(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  if (Array.isArray(value)) return 4;
  return 'result' in value ? 3 : 1;
}

function needsSlices(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) {
    return (
      value.length > shortItems ||
      value.some(
        (item) => hasLongText(item) || hasLongText(toResult(item)) || (depth > 1 && needsSlices(item, depth - 1)),
      )
    );
  }
  if (depth <= 0 || 'toJSON' in value) return false;
  const members = value as Record<string, unknown>;
  for (const name of Object.keys(members)) if (needsSlices(members[name], depth - 1)) return true;
  return false;
}

function hasLongText(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  for (const name in value) {
    const member = (value as Record<string, unknown>)[name];
    if (typeof member === 'string' && member.length > shortText) return true;
  }
  return false;
}

/** The result in a response of a batch. */
const toResult = (response: { result?: { data: unknown } } | null) => response?.result?.data;

function findRepeated(values: readonly unknown[]): Set<unknown> {
  const seen = new Set<unknown>();
  return new Set(values.filter((value) => seen.has(value) || !seen.add(value)));
}

class JsonWriter {
  readonly #slices = new Slices();
  readonly #parts: Buffer[] = [];
  /** The results that several calls of a batch have. They are written once. */
  #repeated = new Set<unknown>();
  readonly #written = new Map<object, Buffer[]>();
  #text = '';

  async write(value: object, levels: number): Promise<JsonBody> {
    if (Array.isArray(value)) this.#repeated = findRepeated(value.map(toResult));
    await this.#add(value, levels);
    if (this.#parts.length === 0) return this.#text;
    this.#endPart();
    return this.#parts;
  }

  /** @param value An array or object with a long array. */
  async #add(value: object, depth: number): Promise<void> {
    if (!this.#repeated.has(value)) return this.#addNew(value, depth);
    this.#endPart();
    const written = this.#written.get(value);
    if (written !== undefined) return void this.#parts.push(...written);
    const start = this.#parts.length;
    await this.#addNew(value, depth);
    this.#endPart();
    this.#written.set(value, this.#parts.slice(start));
  }

  async #addNew(value: object, depth: number): Promise<void> {
    if (Array.isArray(value)) return this.#addItems(value, depth);
    let separator = '{';
    for (const [name, member] of Object.entries(value)) {
      const text = needsSlices(member, depth - 1) ? '' : JSON.stringify(member);
      if (text === undefined) continue;
      this.#addText(`${separator}${JSON.stringify(name)}:${text}`);
      if (text === '') await this.#add(member as object, depth - 1);
      separator = ',';
    }
    this.#addText('}');
  }

  async #addItems(items: unknown[], depth: number): Promise<void> {
    let separator = '[';
    for (const item of items) {
      const isLong = needsSlices(item, depth - 1);
      this.#addText(separator + (isLong ? '' : (JSON.stringify(item) ?? 'null')));
      if (isLong) await this.#add(item as object, depth - 1);
      separator = ',';
      const next = this.#slices.next();
      if (next !== undefined) await next;
    }
    this.#addText(']');
  }

  #addText(text: string): void {
    this.#text += text;
    if (this.#text.length >= partLength) this.#endPart();
  }

  #endPart(): void {
    if (this.#text !== '') this.#parts.push(Buffer.from(this.#text));
    this.#text = '';
  }
}
