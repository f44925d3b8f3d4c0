import type { Task } from '@holdfast/client';
import { useApp, useReplica, useTimeZone } from '../../data/app.ts';
import { detailTexts } from '../../texts/details.ts';
import { formatInstant } from '../../texts/formats.ts';
import { taskTexts } from '../../texts/tasks.ts';
import { Button } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';
import { RefusedChanges } from '../refused-changes.tsx';
import { TaskCheck } from '../task-check.tsx';
import { DescriptionField } from './description-field.tsx';
import { TaskProperties } from './task-properties.tsx';
import { TitleField } from './title-field.tsx';

interface TaskDetailsProps {
  id: string;
  onClose(): void;
}

/** The open task. */
export function TaskDetails({ id, onClose }: TaskDetailsProps) {
  const { actions } = useApp();
  const task = useReplica((replica) => replica.task.get(id));
  const isComplete = useReplica(({ status }) => status.isComplete);
  if (!task) {
    if (!isComplete) return null;
    return (
      <div className="task-details">
        <p className="empty-title">{detailTexts.gone}</p>
        <p className="muted">{detailTexts.goneHint}</p>
      </div>
    );
  }
  if (task.deletedAt !== null) {
    return (
      <div className="task-details">
        <p className="task-notice">
          <Icon name="trash" />
          <span>{detailTexts.inTrash}</span>
          <Button onClick={() => actions.restoreTasks([id])}>{detailTexts.restore}</Button>
        </p>
        <p className="title-field">{task.title}</p>
        {task.description && <p className="task-text">{task.description}</p>}
      </div>
    );
  }
  return <Details task={task} onClose={onClose} />;
}

function Details({ task, onClose }: { task: Task; onClose(): void }) {
  const { id, completed } = task;
  const { actions } = useApp();
  return (
    <div className="task-details">
      <RefusedChanges taskId={id} />
      <div className={completed ? 'task-head task-completed' : 'task-head'}>
        <TaskCheck task={task} onToggle={() => actions.setCompleted([id], !completed)} />
        <TitleField task={task} />
      </div>
      <DescriptionField task={task} />
      <TaskProperties task={task} />
      <div className="button-row">
        <Button icon="copy" onClick={() => actions.duplicateTasks([id])}>
          {taskTexts.duplicate}
        </Button>
        <Button
          icon="trash"
          onClick={() => {
            onClose();
            actions.deleteTasks([id]);
          }}
        >
          {taskTexts.delete}
        </Button>
      </div>
      <Times task={task} />
    </div>
  );
}

function Times({ task: { createdAt, updatedAt, completedAt } }: { task: Task }) {
  const timeZone = useTimeZone();
  return (
    <ul className="task-times muted">
      <li>{detailTexts.created(formatInstant(createdAt, timeZone))}</li>
      {updatedAt !== createdAt && <li>{detailTexts.changed(formatInstant(updatedAt, timeZone))}</li>}
      {completedAt !== null && <li>{detailTexts.completed(formatInstant(completedAt, timeZone))}</li>}
    </ul>
  );
}
