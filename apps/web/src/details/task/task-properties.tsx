import type { Task } from '@holdfast/client';
import type { ReactNode } from 'react';
import { useApp, useReplica, useTimeZone, useToday } from '../../data/app.ts';
import { common } from '../../texts/common.ts';
import { detailTexts } from '../../texts/details.ts';
import { formatDue } from '../../texts/formats.ts';
import { taskTexts } from '../../texts/tasks.ts';
import { Icon, type IconName } from '../../ui/icon.tsx';
import { Menu } from '../../ui/menu.tsx';
import { usePickers } from '../pickers.tsx';

interface RowProps {
  icon: IconName;
  name: string;
  children: ReactNode;
  /** True if the property has no value. */
  isEmpty?: boolean;
}

function Row({ icon, name, children, isEmpty = false }: RowProps) {
  return (
    <>
      <Icon name={icon} />
      <span className="property-name">{name}</span>
      <span className={isEmpty ? 'property-value muted' : 'property-value'}>{children}</span>
    </>
  );
}

/** Date, list, labels and priority of a task. Each opens its dialog or menu. */
export function TaskProperties({ task }: { task: Task }) {
  const { id, due, listId, labels, priority, completed } = task;
  const { actions } = useApp();
  const { openDate, openMove, openLabels } = usePickers();
  const list = useReplica((replica) => (listId === null ? undefined : replica.list.get(listId)));
  const today = useToday();
  const timeZone = useTimeZone();
  const isOverdue = due !== null && !completed && due.date < today;
  return (
    <div className="properties">
      <button type="button" className="property" onClick={() => openDate([id])}>
        <Row icon="calendar" name={taskTexts.due} isEmpty={due === null}>
          <span className={isOverdue ? 'task-overdue' : undefined}>
            {due ? formatDue(due, { now: new Date(), timeZone }) : detailTexts.setDate}
          </span>
        </Row>
      </button>
      <button type="button" className="property" onClick={() => openMove([id])}>
        <Row icon={listId === null ? 'inbox' : 'list'} name={taskTexts.list}>
          {list?.name ?? common.inbox}
        </Row>
      </button>
      <button type="button" className="property" onClick={() => openLabels([id])}>
        <Row icon="label" name={taskTexts.labels} isEmpty={labels.length === 0}>
          {labels.length === 0 && detailTexts.addLabels}
          {labels.map((label) => (
            <span key={label} className="property-label">
              #{label}
            </span>
          ))}
        </Row>
      </button>
      <Menu
        label={taskTexts.priority}
        className="property"
        items={([3, 2, 1, 0] as const).map((value) => ({
          label: common.priorities[value],
          isChosen: priority === value,
          run: () => actions.changeTasks([id], { priority: value }),
        }))}
      >
        <Row icon="flag" name={taskTexts.priority} isEmpty={priority === 0}>
          <span className={`priority-text-${priority}`}>{common.priorities[priority]}</span>
        </Row>
      </Menu>
    </div>
  );
}
