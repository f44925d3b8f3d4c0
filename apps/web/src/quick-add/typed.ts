/** What the user did in the field before its code was loaded. */
export interface Typed {
  text: string;
  /** Place of the caret, or null without the focus. */
  caret: number | null;
  /** Lines that Enter has ended. */
  lines: readonly string[];
}
