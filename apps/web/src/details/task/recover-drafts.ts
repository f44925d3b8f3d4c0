import type { App } from '../../data/app.ts';
import { toDescription, toTitle } from './saved-texts.ts';
import { dropDraft, findDrafts } from './stored-drafts.ts';

/** Saves the texts that the user typed just before the last page ended, if its replica had no time to store them. */
export function recoverDrafts({ replica, actions }: App): void {
  for (const draft of findDrafts(replica.userId)) {
    const { taskId, field, base, text } = draft;
    const task = replica.task.get(taskId);
    // The first copy of the tasks may not have arrived.
    if (!task && !replica.status.isComplete) continue;
    dropDraft(draft);
    if (!task || task.deletedAt !== null) continue;
    const stored = task[field] ?? '';
    const theirs = stored === base ? null : stored;
    const next = field === 'title' ? toTitle(text) : toDescription(text, theirs);
    const isStored = stored === next || (stored !== base && stored.startsWith(text));
    if (!isStored && next !== '') actions.changeTasks([taskId], { [field]: next });
  }
}
