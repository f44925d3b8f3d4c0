import { type DOMAttributes, type Ref, type RefObject, useCallback, useImperativeHandle, useMemo } from 'react';
import { useLists, useReplica, useTimeZone, useToday } from '../../data/app.ts';
import { findRefusedTasks } from '../../data/refused.ts';
import { useListDrop } from '../drag/use-list-drop.ts';
import { HeadingRow } from '../heading-row.tsx';
import type { Item } from '../items.ts';
import { TaskRow } from '../task-row.tsx';
import type { ListModel } from '../use-list-model.ts';

export interface RowsProps {
  /** Name of the list for screen readers. */
  label: string;
  model: ListModel;
  handlers: DOMAttributes<HTMLElement>;
  grid: RefObject<HTMLDivElement | null>;
  /** Gets the function that scrolls to a row. */
  scroll: Ref<(index: number) => void>;
  /** Shows the name of each task's list. */
  hasLists: boolean;
}

interface GridProps extends RowsProps {
  className: string;
  /** Indexes of the rows in the page. */
  shown: readonly number[];
  containerRef?(element: HTMLDivElement | null): void;
  measureElement?(element: HTMLDivElement | null): void;
  scrollTo(index: number): void;
}

/**
 * The rows of a list. They are a grid, because rows have the focus and several controls: screen readers then send keys to the
 * page. They also read the number of rows, although most rows are not in the page.
 */
export function Grid({ label, model, handlers, hasLists, grid, scroll, ...rows }: GridProps) {
  const { items, active, opened, state, commands } = model;
  const { className, shown, scrollTo, containerRef, measureElement } = rows;
  const drop = useListDrop(grid, commands);
  useImperativeHandle(scroll, () => scrollTo);
  const lists = useLists();
  const listsById = useMemo(() => new Map(lists.map((list) => [list.id, list])), [lists]);
  const [today, timeZone] = [useToday(), useTimeZone()];
  const refused = findRefusedTasks(useReplica((replica) => replica.refused));
  // With another function, React would detach and attach the list at each render.
  const attach = useCallback(
    (element: HTMLDivElement | null) => {
      grid.current = element;
      containerRef?.(element);
    },
    [grid, containerRef],
  );

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
        isRefused={refused.has(task.id)}
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
    // oxlint-disable-next-line jsx-a11y/interactive-supports-focus -- Its rows have the focus.
    <div
      ref={attach}
      className={state.isMoving ? `${className} task-grid-moving` : className}
      role="grid"
      aria-label={label}
      aria-rowcount={items.length}
      aria-multiselectable
      {...handlers}
    >
      {shown.map((index) => {
        const item = items[index]!;
        const isTask = item.task !== undefined;
        return (
          <div
            key={item.key}
            ref={measureElement}
            className={toClassName(item)}
            role="row"
            data-index={index}
            data-task={item.task?.id}
            aria-rowindex={index + 1}
            aria-current={isTask && opened === item.key ? true : undefined}
            aria-selected={isTask ? state.selected.has(item.key) : undefined}
            aria-labelledby={isTask && state.editing !== item.key ? `title-${item.key} facts-${item.key}` : undefined}
            tabIndex={isTask ? (item.key === active ? 0 : -1) : undefined}
          >
            {renderRow(item)}
          </div>
        );
      })}
      {drop?.top !== undefined && <div className="task-drop-line" role="presentation" style={{ top: drop.top }} />}
    </div>
  );
}
