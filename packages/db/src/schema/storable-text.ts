/** Whether PostgreSQL can store this text. It accepts neither NUL nor a lone surrogate. */
export function isStorableText(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}
