import { addDays } from '@holdfast/task-values';
import { Screen } from '../app/screen.tsx';
import { useApp, useTasks, useToday } from '../data/app.ts';
import { findDue, findOverdue } from '../data/views.ts';
import { AddTask } from '../tasks/add-task.tsx';
import { Empty } from '../tasks/empty.tsx';
import { type Section, TaskList } from '../tasks/task-list.tsx';
import { common } from '../texts/common.ts';
import { formatDay, formatRelativeDay } from '../texts/formats.ts';
import { emptyTexts } from '../texts/screens.ts';
import { toOverdue } from './overdue.ts';

/** Days that are shown also without tasks, so that tasks can be dropped there. */
const daysMin = 7;

export function UpcomingScreen() {
  const { actions } = useApp();
  const tasks = useTasks();
  const today = useToday();
  const overdue = findOverdue(tasks, today);
  const byDay = Map.groupBy(
    findDue(tasks).filter(({ due }) => due!.date >= today),
    ({ due }) => due!.date,
  );
  const near = Array.from({ length: daysMin }, (_, day) => addDays(today, day));
  const days = [...new Set([...near, ...byDay.keys()])].toSorted();
  const sections: Section[] = [
    ...toOverdue(overdue, (ids) => actions.moveToDay(ids, today)),
    ...days.map((date) => ({
      id: date,
      title: date < addDays(today, 2) ? `${formatRelativeDay(date, today)} · ${formatDay(date)}` : formatDay(date),
      tasks: byDay.get(date) ?? [],
      onDrop: (ids: readonly string[]) => actions.moveToDay(ids, date),
    })),
  ];
  return (
    <Screen title={common.upcoming}>
      <div className="screen-add">
        <AddTask date={addDays(today, 1)} />
      </div>
      {overdue.length + byDay.size === 0 && <Empty {...emptyTexts.upcoming} drawing="upcoming" />}
      <TaskList label={common.upcoming} sections={sections} hasLists />
    </Screen>
  );
}
