import { useEffect, useEffectEvent, useState } from 'react';

interface DraftOptions {
  /** The stored text. */
  value: string;
  /** Stores the text. `isConflict` is true if the stored text changed since the user began to type. */
  onSave(text: string, isConflict: boolean): void;
}

export interface Draft {
  /** The text that the field shows. */
  text: string;
  /** The stored text, if another device or tab changed it since the user began to type. */
  theirs: string | null;
  change(text: string): void;
  save(): void;
  /** Forgets what the user typed. */
  drop(): void;
}

/** A text that the user edits. It is saved at the latest when the field goes away or the page is left. */
export function useDraft({ value, onSave }: DraftOptions): Draft {
  const [draft, setDraft] = useState<{ base: string; text: string } | null>(null);
  const theirs = draft !== null && value !== draft.base && value !== draft.text ? value : null;

  function save(): void {
    if (draft === null) return;
    setDraft(null);
    if (draft.text !== value) onSave(draft.text, theirs !== null);
  }
  const saveNow = useEffectEvent(save);
  useEffect(() => {
    const onHidden = () => {
      if (document.visibilityState === 'hidden') saveNow();
    };
    window.addEventListener('pagehide', saveNow);
    document.addEventListener('visibilitychange', onHidden);
    return () => {
      window.removeEventListener('pagehide', saveNow);
      document.removeEventListener('visibilitychange', onHidden);
      saveNow();
    };
  }, []);

  return {
    text: draft?.text ?? value,
    theirs,
    change: (text) => setDraft({ base: draft?.base ?? value, text }),
    save,
    drop: () => setDraft(null),
  };
}
