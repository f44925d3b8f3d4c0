import { memo, useRef } from 'react';
import { TaskCheck } from '../details/task-check.tsx';
import { taskListTexts } from '../texts/tasks.ts';
import { IconButton } from '../ui/button.tsx';
import type { Commands } from './commands.ts';
import { useRowDrag } from './drag/use-row-drag.ts';
import { RowMenu } from './row-menu.tsx';
import { type FactsProps, TaskFacts } from './task-facts.tsx';
import { TitleEditor } from './title-editor.tsx';

export interface TaskRowProps extends FactsProps {
  /** Its buttons can be reached with Tab. */
  isActive: boolean;
  isEditing: boolean;
  commands: Commands;
}

/** The cells of a task's row. */
export const TaskRow = memo(function TaskRow({ isActive, isEditing, commands, ...facts }: TaskRowProps) {
  const { task } = facts;
  const { id, title } = task;
  const tabIndex = isActive ? 0 : -1;
  const cell = useRef<HTMLDivElement>(null);
  useRowDrag(cell, id, commands);
  return (
    <>
      <div role="gridcell" ref={cell}>
        <TaskCheck task={task} tabIndex={tabIndex} onToggle={() => commands.toggleCompleted([id])} />
      </div>
      <div role="gridcell" className="task-main">
        {isEditing ? (
          <TitleEditor task={task} commands={commands} />
        ) : (
          <span className="task-title" id={`title-${id}`} dir="auto">
            {title}
          </span>
        )}
        <TaskFacts {...facts} />
      </div>
      <div role="gridcell" className="task-actions">
        <IconButton
          icon="calendar"
          label={taskListTexts.setDate}
          className="task-hover"
          tabIndex={tabIndex}
          onClick={() => commands.openDate(commands.findTargets(id))}
        />
        <RowMenu task={task} commands={commands} tabIndex={tabIndex} />
      </div>
    </>
  );
});
