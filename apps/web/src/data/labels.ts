/** Equal for two spellings of the same label. */
export const toLabelKey = (name: string) => name.normalize('NFC').toLowerCase();

export const hasLabel = (labels: readonly string[], name: string) =>
  labels.some((label) => toLabelKey(label) === toLabelKey(name));
