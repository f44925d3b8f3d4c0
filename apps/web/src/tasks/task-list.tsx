import { useMemo, useRef } from 'react';
import { useLists, useTimeZone, useToday } from '../data/app.ts';
import { BulkBar } from './bulk-bar.tsx';
import { useListDrop } from './drag/use-list-drop.ts';
import { HeadingRow } from './heading-row.tsx';
import type { Item, Section } from './items.ts';
import { TaskRow } from './task-row.tsx';
import { useFocus } from './use-focus.ts';
import { useKeys } from './use-keys.ts';
import { useListModel } from './use-list-model.ts';
import { usePointer } from './use-pointer.ts';
import { useRows } from './use-rows.ts';

export type { Section } from './items.ts';

export interface TaskListProps {
  /** Name of the list for screen readers. */
  label: string;
  sections: readonly Section[];
  /** ID of the list in manual order, null for the inbox. Undefined if the screen sorts the tasks in another way. */
  ordered?: string | null | undefined;
  /** Shows the name of each task's list. */
  hasLists?: boolean;
}

/**
 * Tasks in sections. It is a grid, because rows have the focus and several controls: screen readers then send keys to the page.
 * They also read the number of rows, although most rows are not in the page.
 */
export function TaskList({ label, sections, ordered, hasLists = false }: TaskListProps) {
  const grid = useRef<HTMLDivElement>(null);
  const model = useListModel(sections, ordered);
  const { items, active, opened, selected, state, commands } = model;
  const rows = useRows(grid, items, active);
  const drop = useListDrop(grid, items, commands);
  const onKeyDown = useKeys(model);
  const pointer = usePointer(commands);
  useFocus(grid, model, (index) => rows.scrollToIndex(index));
  const lists = useLists();
  const listsById = useMemo(() => new Map(lists.map((list) => [list.id, list])), [lists]);
  const [today, timeZone] = [useToday(), useTimeZone()];
  const chosen = useMemo(() => new Set(selected), [selected]);

  function renderRow({ task, section }: Item) {
    if (task === undefined) {
      return <HeadingRow section={section} isUnfolded={state.unfolded.has(section.id)} commands={commands} />;
    }
    const list = hasLists && task.listId !== null ? listsById.get(task.listId) : undefined;
    return (
      <TaskRow
        task={task}
        today={today}
        timeZone={timeZone}
        listName={list?.name}
        listColor={list?.color ?? null}
        day={task.due?.date === section.id ? section.id : undefined}
        isActive={active === task.id}
        isEditing={state.editing === task.id}
        commands={commands}
      />
    );
  }

  function toClassName({ key, task, section }: Item): string {
    return [
      'task-slot',
      task && 'task',
      task?.completed && 'task-completed',
      task?.completed && state.leaving.has(key) && 'task-leaving',
      drop?.sectionId === section.id && 'task-drop',
    ]
      .filter(Boolean)
      .join(' ');
  }

  return (
    <div className="task-list">
      {items.length > 0 && (
        // oxlint-disable-next-line jsx-a11y/interactive-supports-focus -- Its rows have the focus.
        <div
          ref={(element) => {
            grid.current = element;
            rows.containerRef(element);
          }}
          className={state.isMoving ? 'task-grid task-grid-moving' : 'task-grid'}
          role="grid"
          aria-label={label}
          aria-rowcount={items.length}
          aria-multiselectable
          onKeyDown={onKeyDown}
          {...pointer}
        >
          {rows.getVirtualItems().map(({ index, key }) => {
            const item = items[index]!;
            const isTask = item.task !== undefined;
            return (
              <div
                key={key}
                ref={rows.measureElement}
                className={toClassName(item)}
                role="row"
                data-index={index}
                data-task={item.task?.id}
                aria-rowindex={index + 1}
                aria-current={isTask && opened === item.key ? true : undefined}
                aria-selected={isTask ? chosen.has(item.key) : undefined}
                aria-labelledby={
                  isTask && state.editing !== item.key ? `title-${item.key} facts-${item.key}` : undefined
                }
                tabIndex={isTask ? (item.key === active ? 0 : -1) : undefined}
              >
                {renderRow(item)}
              </div>
            );
          })}
          {drop?.top !== undefined && <div className="task-drop-line" role="presentation" style={{ top: drop.top }} />}
        </div>
      )}
      <div className="visually-hidden" role="status">
        {state.announcement}
      </div>
      {selected.length > 0 && <BulkBar selected={selected} commands={commands} />}
    </div>
  );
}
