import type { Task } from '@holdfast/client';
import { useApp } from '../../data/app.ts';
import { countCharacters } from '../../data/characters.ts';
import { detailTexts } from '../../texts/details.ts';
import { taskTexts } from '../../texts/tasks.ts';
import { GrowingText } from './growing-text.tsx';
import { OtherVersion } from './other-version.tsx';
import { descriptionMax, toDescription } from './saved-texts.ts';
import { useDraft } from './use-draft.ts';

/** The description. It is saved on blur, with Ctrl+Enter, and when the page is left. */
export function DescriptionField({ task: { id, description } }: { task: Task }) {
  const { actions } = useApp();
  const draft = useDraft({
    value: description ?? '',
    taskId: id,
    field: 'description',
    onSave(text, theirs) {
      const next = toDescription(text, theirs);
      if (next !== (description ?? '')) actions.changeTasks([id], { description: next === '' ? null : next });
    },
  });
  const isLong = draft.text.length > descriptionMax && countCharacters(draft.text) > descriptionMax;
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
