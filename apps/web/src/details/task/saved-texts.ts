import { countCharacters, titleMax } from '../../data/characters.ts';
import { detailTexts } from '../../texts/details.ts';

export const descriptionMax = 10_000;

export const toTitle = (text: string) => Array.from(text.trim()).slice(0, titleMax).join('');

/** The description to save. It has both texts if the user left the page before a choice. */
export function toDescription(mine: string, theirs: string | null): string {
  if (!theirs) return mine.trimEnd();
  const joined = `${mine}\n\n— ${detailTexts.otherVersion} —\n\n${theirs}`.trimEnd();
  return countCharacters(joined) > descriptionMax ? mine.trimEnd() : joined;
}
