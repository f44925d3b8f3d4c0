import type { ClipboardEvent } from 'react';

/** The lines of a text that are tasks, without the signs of a list such as `- [ ]`. */
export const toLines = (text: string): string[] =>
  text
    .split(/\r\n?|\n/)
    .map((line) => line.replace(/^\s*[-*•]\s+(?:\[[ xX]?\]\s+)?/, '').trim())
    .filter((line) => line !== '');

/** Takes over the paste of several lines. Returns those of the whole field. Null if the browser pastes the text. */
export function takePastedLines(event: ClipboardEvent<HTMLInputElement>): string[] | null {
  const { value, selectionStart, selectionEnd } = event.currentTarget;
  const added = event.clipboardData.getData('text/plain');
  if (toLines(added).length < 2) return null;
  event.preventDefault();
  return toLines(value.slice(0, selectionStart ?? 0) + added + value.slice(selectionEnd ?? 0));
}
