/** Tells on stderr what is being done, so that stdout has the tables only. */
export function tell(text: string): void {
  process.stderr.write(`${text}\n`);
}
