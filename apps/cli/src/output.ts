import { styleText } from 'node:util';
import { toPlainJson } from './plain.ts';

type Style = Parameters<typeof styleText>[0];

/** Where a command writes. Texts of users and servers have to be plain when they come here. */
export interface Output {
  /** For programs: JSON and nothing else. */
  isJson: boolean;
  /** Whether somebody looks at what is written. */
  isTerminal: boolean;
  columns: number;
  line(text: string): void;
  json(value: unknown): void;
  /** To the side, where it is in nobody's way; nothing with JSON. */
  note(text: string): void;
  /** What somebody has to know, whatever else becomes of the command. */
  warn(text: string): void;
  paint(style: Style, text: string): string;
}

export interface Streams {
  stdout: NodeJS.WriteStream;
  stderr: NodeJS.WriteStream;
}

export function createOutput({ stdout, stderr }: Streams, isJson: boolean): Output {
  return {
    isJson,
    isTerminal: stdout.isTTY,
    columns: stdout.columns || 80,
    line: (text) => void stdout.write(`${text}\n`),
    json: (value) => void stdout.write(`${toPlainJson(value, stdout.isTTY ? 2 : undefined)}\n`),
    note: (text) => void (isJson || stderr.write(`${text}\n`)),
    warn: (text) => void stderr.write(isJson ? `${toPlainJson({ warning: { message: text } })}\n` : `${text}\n`),
    // It knows NO_COLOR and FORCE_COLOR, and that a file is no terminal.
    paint: (style, text) => styleText(style, text, { stream: stdout }),
  };
}
