import type { Task } from '@holdfast/client';
import { common } from '../texts/common.ts';
import { taskListTexts, taskTexts } from '../texts/tasks.ts';
import { Menu, type MenuItem } from '../ui/menu.tsx';
import type { Commands } from './commands.ts';

/** Actions for a task, or for the selection if the task belongs to it, with their keys. */
export function RowMenu({ task, commands, tabIndex }: { task: Task; commands: Commands; tabIndex: number }) {
  const { id } = task;
  const targets = () => commands.findTargets(id);

  function toItems(): MenuItem[] {
    const { ordered, state } = commands.view();
    const isSelected = state.selected.has(id);
    return [
      { label: taskTexts.open, icon: 'text', keys: '↵', run: () => commands.open(id) },
      { label: taskTexts.edit, icon: 'edit', keys: 'e', run: () => commands.edit(id) },
      {
        label: isSelected ? taskListTexts.deselect : taskListTexts.select,
        icon: 'check',
        keys: 'x',
        run: () => commands.toggleSelected(id),
      },
      { label: taskTexts.due, icon: 'calendar', keys: 't', isStart: true, run: () => commands.openDate(targets()) },
      { label: taskTexts.list, icon: 'list', keys: 'm', run: () => commands.openMove(targets()) },
      { label: taskTexts.labels, icon: 'label', keys: 'l', run: () => commands.openLabels(targets()) },
      ...toPriorityItems(task.priority, (priority) => commands.setPriority(targets(), priority)),
      { label: taskTexts.duplicate, icon: 'copy', isStart: true, run: () => commands.duplicate(targets()) },
      ...(ordered === undefined
        ? []
        : ([
            { label: taskTexts.moveUp, icon: 'up', keys: 'Alt ↑', run: () => commands.move(targets(), -1) },
            { label: taskTexts.moveDown, icon: 'down', keys: 'Alt ↓', run: () => commands.move(targets(), 1) },
          ] as const)),
      {
        label: taskTexts.delete,
        icon: 'trash',
        keys: 'Del',
        isStart: true,
        isDanger: true,
        run: () => commands.remove(targets()),
      },
    ];
  }

  return <Menu label={taskListTexts.menu(task.title)} items={toItems} tabIndex={tabIndex} />;
}

/** Items for the priority. `chosen` is that of the task, or undefined for several tasks. */
export const toPriorityItems = (chosen: number | undefined, run: (priority: number) => void): MenuItem[] =>
  [3, 2, 1, 0].map((priority) => ({
    label: common.priorities[priority]!,
    icon: 'flag',
    tone: `priority-text-${priority}`,
    keys: String(priority),
    isStart: priority === 3,
    isChosen: chosen === priority,
    run: () => run(priority),
  }));
