/** A complete HTTP/1.1 response. */
export interface Response {
  status: number;
  /** Head and body as received. A chunked body still contains the chunk sizes. */
  raw: Buffer;
}

const headEnd = Buffer.from('\r\n\r\n');
const lineEnd = Buffer.from('\r\n');

/**
 * Splits the data of one connection into responses. The client must wait for each response before it sends the next
 * request. Supports `content-length`, and chunks without trailers: the contestants send nothing else.
 */
export class ResponseReader {
  #pending: Buffer | null = null;
  #status = 0;
  /** Offset of the end of the response. In a chunked response: offset of the next chunk. */
  #end = 0;
  #isChunked = false;

  /** @returns the response that this chunk completes, or null. */
  push(chunk: Buffer): Response | null {
    const isFirst = this.#pending === null;
    const raw = this.#pending === null ? chunk : Buffer.concat([this.#pending, chunk]);
    this.#pending = raw;
    if ((isFirst || this.#end === 0) && !this.#readHead(raw)) return null;
    if (!(this.#isChunked ? this.#isLastChunkIn(raw) : raw.length >= this.#end)) return null;
    this.#pending = null;
    this.#end = 0;
    return { status: this.#status, raw };
  }

  #readHead(raw: Buffer): boolean {
    const at = raw.indexOf(headEnd);
    if (at === -1) return false;
    const head = raw.toString('latin1', 0, at);
    this.#status = Number(head.slice(9, 12));
    const length = /^content-length: *(\d+)/im.exec(head)?.[1];
    this.#isChunked = length === undefined && /^transfer-encoding: *chunked/im.test(head);
    this.#end = at + headEnd.length + (this.#isChunked ? 0 : Number(length ?? 0));
    return true;
  }

  #isLastChunkIn(raw: Buffer): boolean {
    for (;;) {
      const line = raw.indexOf(lineEnd, this.#end);
      if (line === -1) return false;
      const size = Number.parseInt(raw.toString('latin1', this.#end, line), 16);
      const next = line + lineEnd.length + size + lineEnd.length;
      if (next > raw.length) return false;
      if (size === 0) return true;
      this.#end = next;
    }
  }
}
