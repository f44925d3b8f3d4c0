/** Removes the white space around each label. The order stays the same. */
export function normalizeLabels(labels: readonly string[]): string[] {
  return labels.map((label) => label.trim());
}

/** Returns the same text for labels that are the same: case and Unicode normalization are ignored. */
export function toLabelKey(label: string): string {
  return label.normalize('NFC').toLowerCase();
}

/** Returns the first label that repeats an earlier one, or null. */
export function findDuplicateLabel(labels: readonly string[]): string | null {
  const seen = new Set<string>();
  for (const label of labels) {
    const key = toLabelKey(label);
    if (seen.has(key)) return label;
    seen.add(key);
  }
  return null;
}
