import { common } from '../texts/common.ts';
import { listTexts } from '../texts/lists.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';

interface DeleteListDialogProps {
  name: string;
  onDelete(keepTasks: boolean): void;
  onClose(): void;
}

/** Lets the user decide about the tasks of a list that is deleted. */
export function DeleteListDialog({ name, onDelete, onClose }: DeleteListDialogProps) {
  return (
    <Dialog title={listTexts.deleteTitle(name)} onClose={onClose}>
      <p>{listTexts.deleteHint}</p>
      <div className="dialog-actions">
        <Button onClick={onClose}>{common.cancel}</Button>
        <Button onClick={() => onDelete(true)}>{listTexts.keepTasks}</Button>
        <Button kind="danger" onClick={() => onDelete(false)}>
          {listTexts.deleteTasks}
        </Button>
      </div>
    </Dialog>
  );
}
