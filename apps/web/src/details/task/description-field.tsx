import type { Task } from '@holdfast/client';
import { useApp } from '../../data/app.ts';
import { detailTexts } from '../../texts/details.ts';
import { taskTexts } from '../../texts/tasks.ts';
import { GrowingText } from './growing-text.tsx';
import { OtherVersion } from './other-version.tsx';
import { useDraft } from './use-draft.ts';

const charactersMax = 10_000;
const countCharacters = (text: string) => Array.from(text).length;

/** Both texts, for a user who left the page before a choice. */
function joinTexts(mine: string, theirs: string | null): string {
  if (!theirs) return mine;
  const joined = `${mine}\n\n— ${detailTexts.otherVersion} —\n\n${theirs}`;
  return countCharacters(joined) > charactersMax ? mine : joined;
}

/** The description. It is saved on blur, with Ctrl+Enter, and when the page is left. */
export function DescriptionField({ task: { id, description } }: { task: Task }) {
  const { actions } = useApp();
  const draft = useDraft({
    value: description ?? '',
    onSave(text, theirs) {
      const next = joinTexts(text, theirs).trimEnd();
      if (next !== (description ?? '')) actions.changeTasks([id], { description: next === '' ? null : next });
    },
  });
  const isLong = draft.text.length > charactersMax && countCharacters(draft.text) > charactersMax;
  return (
    <div className="description-area">
      <GrowingText
        className="description-field"
        label={taskTexts.description}
        placeholder={detailTexts.addDescription}
        text={draft.text}
        onText={draft.change}
        problem={isLong ? detailTexts.longDescription : undefined}
        // A text that is too long waits for the user.
        onBlur={() => isLong || draft.save()}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) draft.save();
        }}
      />
      <OtherVersion draft={draft} title={detailTexts.descriptionChanged} />
    </div>
  );
}
