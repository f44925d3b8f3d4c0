/** A range of a text. When it is cut out, `glue` replaces it. */
export interface Range {
  start: number;
  end: number;
  glue: string;
}

export interface Marker {
  kind: 'label' | 'list' | 'priority';
  text: string;
  value: string;
  start: number;
  end: number;
}

export interface Scanned {
  markers: Marker[];
  /** Backslashes that protect a marker. */
  escapes: Range[];
  /** The text in which literal characters are replaced, so that they are not read as dates. It has the same length. */
  masked: string;
}

const mask = '\uFFFC';
const word = String.raw`[\p{L}\p{M}\p{N}\p{Join_Control}_-]`;
/** Each alternative starts at the start of a word. The order matters. */
const tokens = new RegExp(
  [
    String.raw`(?<escape>\\)(?=[#@!"“])\S+`,
    String.raw`(?<quoted>"[^"]*"|“[^”]*”)(?=[\s.,;:!?)]|$)`,
    String.raw`#(?<label>(?=${word}*\p{L})${word}+)(?:[,;]?(?=\s|$))`,
    String.raw`@(?:"(?<longList>[^"]+)"|(?<list>\p{L}${word}*))(?:[,;]?(?=\s|$))`,
    String.raw`(?<priority>!{1,3})(?=\s|$)`,
    String.raw`(?<other>\S+)`,
  ].join('|'),
  'gu',
);

/** Finds labels (`#home`), lists (`@work`, `@"Two words"`) and priorities (`!` to `!!!`), and what protects text. */
export function scan(text: string): Scanned {
  const markers: Marker[] = [];
  const escapes: Range[] = [];
  let masked = text;
  for (const match of text.matchAll(tokens)) {
    const { index: start, 0: found, groups = {} } = match;
    const end = start + found.length;
    const { label, longList, priority, escape, quoted } = groups;
    const list = longList?.trim() ?? groups['list'];
    if (escape !== undefined) escapes.push({ start, end: start + 1, glue: '' });
    if (label) markers.push({ kind: 'label', text: found, value: label, start, end });
    else if (list) markers.push({ kind: 'list', text: found, value: list, start, end });
    else if (priority) markers.push({ kind: 'priority', text: found, value: priority, start, end });
    if (escape !== undefined || quoted !== undefined) {
      masked = masked.slice(0, start) + found.replaceAll(/\S/g, mask) + masked.slice(end);
    }
  }
  return { markers, escapes, masked };
}

/** Cuts words out of a text, with their spaces. One space remains between words, none before punctuation. */
export function toCuts(text: string, words: { start: number; end: number }[]): Range[] {
  const ranges: { start: number; end: number }[] = [];
  for (const { start, end } of words.toSorted((one, other) => one.start - other.start)) {
    const left = text.slice(0, start).trimEnd().length;
    const right = text.length - text.slice(end).trimStart().length;
    const last = ranges.at(-1);
    if (last && left <= last.end) last.end = right;
    else ranges.push({ start: left, end: right });
  }
  return ranges.map(({ start, end }) => {
    const punctuation = /^[,.;:!?]+(?=\s|$)\s*/.exec(text.slice(end))?.[0] ?? '';
    // After a space, punctuation is a word.
    const isAdjacent = punctuation !== '' && !/\s/.test(text.charAt(end - 1));
    if (start === 0) return { start, end: isAdjacent ? end + punctuation.length : end, glue: '' };
    return { start, end, glue: isAdjacent || end === text.length ? '' : ' ' };
  });
}

/** Replaces ranges, which do not overlap, by their glue. */
export function cut(text: string, ranges: Range[]): string {
  let rest = '';
  let from = 0;
  for (const { start, end, glue } of ranges.toSorted((one, other) => one.start - other.start)) {
    rest += text.slice(from, start) + glue;
    from = end;
  }
  return rest + text.slice(from);
}
