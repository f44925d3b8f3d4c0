import { useState } from 'react';
import { paletteTexts } from '../../texts/palette.ts';
import { ChoiceList } from '../../ui/choice-list.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { usePaletteChoices } from './use-palette-choices.ts';

/** Opens places, lists, labels and tasks by their names, and runs actions. */
export function CommandPalette({ onClose }: { onClose(): void }) {
  const [text, setText] = useState('');
  // Not deferred: Enter runs the first choice for the text that is typed so far.
  const choices = usePaletteChoices(text, onClose);
  return (
    <Dialog title={paletteTexts.title} onClose={onClose} kind="palette">
      <ChoiceList
        label={paletteTexts.title}
        placeholder={paletteTexts.hint}
        maxLength={200}
        text={text}
        onText={setText}
        choices={choices}
        empty=""
      />
    </Dialog>
  );
}
