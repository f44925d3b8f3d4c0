import { isHoldfastError } from '@holdfast/client';
import { useState } from 'react';
import { Screen } from '../app/screen.tsx';
import { useApp, useReplica } from '../data/app.ts';
import { inParts } from '../data/in-parts.ts';
import { findTrash } from '../data/trash.ts';
import { PurgeDialog } from '../details/trash/purge-dialog.tsx';
import { TrashRow } from '../details/trash/trash-row.tsx';
import { Empty } from '../tasks/empty.tsx';
import { common } from '../texts/common.ts';
import { trashTexts } from '../texts/search.ts';
import { Button } from '../ui/button.tsx';
import { useRowFocus } from '../ui/use-row-focus.ts';

const pageSize = 100;

/** Tasks that were deleted, the last one first. */
export function TrashScreen() {
  const { history, holdfast } = useApp();
  const tasks = findTrash(useReplica(({ trash }) => trash));
  const isOnline = useReplica(({ status }) => status.isOnline);
  const rows = useRowFocus<HTMLUListElement>(tasks.length);
  const [shown, setShown] = useState(pageSize);
  const [purged, setPurged] = useState<readonly string[]>([]);

  async function purge(ids: readonly string[]): Promise<void> {
    setPurged([]);
    try {
      for (const some of inParts(ids)) await holdfast.trash.purge({ ids: some });
    } catch (error) {
      if (!isHoldfastError(error)) throw error;
      history.report(error.message);
    }
  }

  return (
    <Screen
      title={common.trash}
      actions={
        tasks.length > 0 && (
          <Button kind="danger" disabled={!isOnline} onClick={() => setPurged(tasks.map(({ id }) => id))}>
            {trashTexts.empty}
          </Button>
        )
      }
    >
      {tasks.length === 0 && <Empty {...trashTexts.none} />}
      <p role="status" className="muted">
        {!isOnline && tasks.length > 0 && trashTexts.offline}
      </p>
      <ul className="rows" {...rows}>
        {tasks.slice(0, shown).map((task) => (
          <li key={task.id}>
            <TrashRow task={task} canPurge={isOnline} onPurge={() => setPurged([task.id])} />
          </li>
        ))}
      </ul>
      {tasks.length > shown && (
        <div>
          <Button onClick={() => setShown(shown + pageSize)}>
            {trashTexts.more(Math.min(pageSize, tasks.length - shown))}
          </Button>
        </div>
      )}
      {purged.length > 0 && (
        <PurgeDialog ids={purged} onClose={() => setPurged([])} onPurge={() => void purge(purged)} />
      )}
    </Screen>
  );
}
