import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { onTestFinished } from 'vitest';

interface Message {
  id?: number;
  method?: string;
  params?: object;
  result?: unknown;
}

export interface Hover {
  /** The hovered name, with the line that contains it. */
  place: string;
  /** The text that an editor shows below the type. */
  docs: string;
}

/** Starts the language server of the folder's TypeScript, and hovers each name in the file that the pattern matches. */
export async function hoverAll(folder: string, file: string, pattern: RegExp): Promise<Hover[]> {
  const request = openLanguageServer(join(folder, 'node_modules/.bin/tsc'));
  const uri = pathToFileURL(join(folder, file)).href;
  const text = await readFile(join(folder, file), 'utf8');
  const hover = { contentFormat: ['markdown'] };
  await request('initialize', {
    processId: process.pid,
    rootUri: pathToFileURL(folder).href,
    capabilities: { textDocument: { hover } },
  });
  void request('initialized', {});
  void request('textDocument/didOpen', { textDocument: { uri, languageId: 'typescript', version: 1, text } });
  const places = text
    .split('\n')
    .flatMap((content, line) => [...content.matchAll(pattern)].map((match) => ({ content, line, match })));
  return Promise.all(
    places.map(async ({ content, line, match }) => {
      const position = { line, character: match.index };
      const result = await request('textDocument/hover', { textDocument: { uri }, position });
      const { value } = (result as { contents: { value: string } }).contents;
      return { place: `${match[0]} in ${content}`, docs: value.replace(/^```.*?```/s, '').trim() };
    }),
  );
}

/** Returns a function that sends a request and resolves to the result. */
function openLanguageServer(program: string) {
  const child = spawn(program, ['--lsp', '--stdio'], { stdio: ['pipe', 'pipe', 'ignore'] });
  onTestFinished(() => void child.kill());
  const pending = new Map<number, (result: unknown) => void>();
  const send = (message: Message) => {
    const body = JSON.stringify({ jsonrpc: '2.0', ...message });
    child.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  };
  let received = Buffer.alloc(0);
  child.stdout.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    for (;;) {
      const header = /^Content-Length: (\d+)\r\n\r\n/.exec(received.toString('latin1'));
      if (header === null) return;
      const end = header[0].length + Number(header[1]);
      if (received.length < end) return;
      const { id, method, result } = JSON.parse(received.toString('utf8', header[0].length, end)) as Message;
      received = received.subarray(end);
      if (id === undefined) continue;
      // The server asks for settings and waits for the response.
      if (method !== undefined) send({ id, result: null });
      else pending.get(id)?.(result);
    }
  });
  let latest = 0;
  return (method: string, params: object) =>
    new Promise<unknown>((resolve) => {
      pending.set((latest += 1), resolve);
      send({ id: latest, method, params });
    });
}
