import { useEffect, useEffectEvent, useState } from 'react';
import { useApp } from '../../data/app.ts';
import { dropDraft, keepDraft, type StoredDraft } from './stored-drafts.ts';

interface DraftOptions extends Pick<StoredDraft, 'taskId' | 'field'> {
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
  /** Discards the typed text. */
  keepTheirs(): void;
}

/** A text that the user edits. It is saved at the latest when the field goes away or the page is left. */
export function useDraft({ value, taskId, field, onSave }: DraftOptions): Draft {
  const { replica } = useApp();
  const [draft, setDraft] = useState<{ base: string; text: string } | null>(null);
  const theirs = draft !== null && value !== draft.base && value !== draft.text ? value : null;

  function store(replaced: string | null): void {
    if (draft === null) return;
    setDraft(null);
    if (draft.text !== value) onSave(draft.text, replaced);
  }
  const storeNow = useEffectEvent(() => store(theirs));
  /** The page can end before the replica has stored its write. */
  const leave = useEffectEvent(() => {
    if (draft === null) return;
    const stored = { userId: replica.userId, taskId, field, ...draft };
    keepDraft(stored);
    store(theirs);
    void replica.stored().then(() => dropDraft(stored));
  });
  useEffect(() => {
    const onLeave = () => leave();
    const onVisibility = () => {
      if (document.visibilityState === 'hidden') leave();
    };
    window.addEventListener('pagehide', onLeave);
    document.addEventListener('visibilitychange', onVisibility);
    return () => {
      window.removeEventListener('pagehide', onLeave);
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
