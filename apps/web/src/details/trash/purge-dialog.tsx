import { useApp } from '../../data/app.ts';
import { common } from '../../texts/common.ts';
import { trashTexts } from '../../texts/search.ts';
import { autoFocus } from '../../ui/auto-focus.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';

interface PurgeDialogProps {
  ids: readonly string[];
  onClose(): void;
  onPurge(): void;
}

/** Asks before tasks are deleted for good. */
export function PurgeDialog({ ids, onClose, onPurge }: PurgeDialogProps) {
  const { replica } = useApp();
  const [first] = ids;
  const isOne = ids.length === 1;
  const title = (isOne && replica.task.get(first!)?.title) || '';
  return (
    <Dialog title={isOne ? trashTexts.purgeTitle(title) : trashTexts.emptyTitle(ids.length)} onClose={onClose}>
      <p>{isOne ? trashTexts.purgeHint : trashTexts.emptyHint}</p>
      <div className="dialog-actions">
        <Button ref={autoFocus} onClick={onClose}>
          {common.cancel}
        </Button>
        <Button kind="danger" onClick={onPurge}>
          {trashTexts.purge}
        </Button>
      </div>
    </Dialog>
  );
}
