import type { Task } from '@holdfast/client';
import { useApp } from '../../data/app.ts';
import { countCharacters, titleMax } from '../../data/characters.ts';
import { detailTexts } from '../../texts/details.ts';
import { taskTexts } from '../../texts/tasks.ts';
import { GrowingText } from './growing-text.tsx';
import { OtherVersion } from './other-version.tsx';
import { toTitle } from './saved-texts.ts';
import { useDraft } from './use-draft.ts';

/** The title. Enter saves it. A blank title is not saved. */
export function TitleField({ task: { id, title } }: { task: Task }) {
  const { actions } = useApp();
  const draft = useDraft({
    value: title,
    taskId: id,
    field: 'title',
    onSave(text, theirs) {
      const next = toTitle(text);
      if (next === '' || next === title) return;
      actions.changeTasks([id], { title: next }, theirs === null ? undefined : detailTexts.titleReplaced(theirs));
    },
  });
  const isLong = countCharacters(draft.text) > titleMax;
  return (
    <div className="title-area">
      <GrowingText
        className="title-field"
        label={taskTexts.title}
        text={draft.text}
        onText={(text) => draft.change(text.replaceAll(/[\r\n]+/g, ' '))}
        onBlur={draft.save}
        problem={isLong ? detailTexts.longTitle : undefined}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.nativeEvent.isComposing) return;
          event.preventDefault();
          draft.save();
        }}
      />
      <OtherVersion draft={draft} title={detailTexts.titleChanged} />
    </div>
  );
}
