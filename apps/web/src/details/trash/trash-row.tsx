import type { Task } from '@holdfast/client';
import { useApp, useTimeZone } from '../../data/app.ts';
import { formatInstant } from '../../texts/formats.ts';
import { trashTexts } from '../../texts/search.ts';
import { IconButton } from '../../ui/button.tsx';
import { useOpenTask } from '../use-open-task.ts';

interface TrashRowProps {
  task: Task;
  /** False if the server cannot be reached. */
  canPurge: boolean;
  onPurge(): void;
}

export function TrashRow({ task: { id, title, deletedAt }, canPurge, onPurge }: TrashRowProps) {
  const { actions } = useApp();
  const { open } = useOpenTask();
  const timeZone = useTimeZone();
  return (
    <div className="line">
      <button type="button" className="line-main" onClick={() => open(id)}>
        <span className="line-name" dir="auto">
          {title}
        </span>
        <span className="line-note">{trashTexts.deleted(formatInstant(deletedAt!, timeZone))}</span>
      </button>
      <IconButton icon="restore" label={trashTexts.restoreTask(title)} onClick={() => actions.restoreTasks([id])} />
      <IconButton icon="trash" label={trashTexts.purgeTask(title)} disabled={!canPurge} onClick={onPurge} />
    </div>
  );
}
