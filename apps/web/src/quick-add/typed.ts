/** The input of the user before the code of the field was loaded. */
export interface Typed {
  text: string;
  /** Place of the caret, or null without the focus. */
  caret: number | null;
  /** Lines that Enter has ended. */
  lines: readonly string[];
  /** The lines of a text that the user pasted into it, or null. */
  pasted: readonly string[] | null;
}
