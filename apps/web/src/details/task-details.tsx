import type { Task } from '@holdfast/client';
import { useApp, useReplica } from '../data/app.ts';
import { taskTexts } from '../texts/tasks.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';

/** The open task. */
export function TaskDetails({ id, onClose }: { id: string; onClose(): void }) {
  const task = useReplica(({ task }) => task.get(id));
  return (
    <Dialog kind="sheet" title={taskTexts.open} onClose={onClose}>
      {task && <Fields task={task} />}
    </Dialog>
  );
}

function Fields({ task }: { task: Task }) {
  const { actions } = useApp();
  return (
    <Field
      label={taskTexts.title}
      defaultValue={task.title}
      onBlur={({ target }) => {
        if (target.value.trim() && target.value !== task.title) actions.changeTasks([task.id], { title: target.value });
      }}
    />
  );
}
