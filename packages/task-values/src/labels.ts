/** Removes the white space around each label. The order stays the same. */
export function normalizeLabels(labels: readonly string[]): string[] {
  return labels.map((label) => label.trim());
}

/** Returns the first label that repeats an earlier one, or null. Case and Unicode normalization are ignored. */
export function findDuplicateLabel(labels: readonly string[]): string | null {
  const seen = new Set<string>();
  for (const label of labels) {
    const key = label.normalize('NFC').toLowerCase();
    if (seen.has(key)) return label;
    seen.add(key);
  }
  return null;
}
