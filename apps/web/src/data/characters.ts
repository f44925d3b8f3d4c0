/** Most characters of a title, as the server counts. */
export const titleMax = 500;

/** Counts as the server does. */
export const countCharacters = (text: string): number => Array.from(text).length;
