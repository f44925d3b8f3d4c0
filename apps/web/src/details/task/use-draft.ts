import { useEffect, useEffectEvent, useState } from 'react';

interface DraftOptions {
  /** The stored text. */
  value: string;
  /** Stores the text. `theirs` is the stored text, if it changed since the user began to type. */
  onSave(text: string, theirs: string | null): void;
}

export interface Draft {
  /** The text that the field shows. */
  text: string;
  /** The stored text, if another device or tab changed it since the user began to type. */
  theirs: string | null;
  change(text: string): void;
  /** Saves the text, unless the user has to choose between two texts. */
  save(): void;
  /** Saves the text of the user. */
  keepMine(): void;
  /** Forgets what the user typed. */
  keepTheirs(): void;
}

/** A text that the user edits. It is saved at the latest when the field goes away or the page is left. */
export function useDraft({ value, onSave }: DraftOptions): Draft {
  const [draft, setDraft] = useState<{ base: string; text: string } | null>(null);
  const theirs = draft !== null && value !== draft.base && value !== draft.text ? value : null;

  function store(replaced: string | null): void {
    if (draft === null) return;
    setDraft(null);
    if (draft.text !== value) onSave(draft.text, replaced);
  }
  const storeNow = useEffectEvent(() => store(theirs));
  useEffect(() => {
    const leave = () => storeNow();
    const onVisibility = () => {
      if (document.visibilityState === 'hidden') storeNow();
    };
    window.addEventListener('pagehide', leave);
    document.addEventListener('visibilitychange', onVisibility);
    return () => {
      window.removeEventListener('pagehide', leave);
      document.removeEventListener('visibilitychange', onVisibility);
      storeNow();
    };
  }, []);

  return {
    text: draft?.text ?? value,
    theirs,
    change: (text) => setDraft({ base: draft?.base ?? value, text }),
    save() {
      if (theirs === null) store(null);
    },
    keepMine: () => store(null),
    keepTheirs: () => setDraft(null),
  };
}
