/** Writes the current step to stderr. Stdout contains only the tables. */
export function reportProgress(text: string): void {
  process.stderr.write(`${text}\n`);
}
