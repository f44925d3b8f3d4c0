import { styleText } from 'node:util';
import { toPlainJson } from './plain.ts';

type Style = Parameters<typeof styleText>[0];

/** The output of a command. Pass texts of users and servers through `toPlain` first. */
export interface Output {
  /** True with `--json`. */
  isJson: boolean;
  /** True if stdout is a terminal. */
  isTerminal: boolean;
  columns: number;
  line(text: string): void;
  json(value: unknown): void;
  /** Writes to stderr, but not with `--json`. */
  note(text: string): void;
  /** Writes to stderr if it is a terminal, but not with `--json`. */
  progress(text: string): void;
  /** Writes a warning to stderr, as JSON with `--json`. */
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
    progress: (text) => void (isJson || (stderr.isTTY && stderr.write(`${text}\n`))),
    warn: (text) => void stderr.write(isJson ? `${toPlainJson({ warning: { message: text } })}\n` : `${text}\n`),
    // `styleText` respects NO_COLOR, FORCE_COLOR and whether the stream is a terminal.
    paint: (style, text) => styleText(style, text, { stream: stdout }),
  };
}
