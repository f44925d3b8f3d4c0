import { useState } from 'react';

interface CopyTexts {
  copied: string;
  copyFailed: string;
}

/** Copies a text to the clipboard. Returns the result for the user, at first empty. */
export function useCopy(text: string, { copied, copyFailed }: CopyTexts): [note: string, copy: () => void] {
  const [note, setNote] = useState('');
  const copy = () =>
    void navigator.clipboard.writeText(text).then(
      () => setNote(copied),
      () => setNote(copyFailed),
    );
  return [note, copy];
}
