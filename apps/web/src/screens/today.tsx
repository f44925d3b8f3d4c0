import { Screen } from '../app/screen.tsx';
import { useApp, useTasks, useToday } from '../data/app.ts';
import { findDueOn, findOverdue } from '../data/views.ts';
import { AddTask } from '../tasks/add-task.tsx';
import { Empty } from '../tasks/empty.tsx';
import { type Section, TaskList } from '../tasks/task-list.tsx';
import { common } from '../texts/common.ts';
import { formatDay } from '../texts/formats.ts';
import { emptyTexts } from '../texts/screens.ts';
import { toOverdue } from './overdue.ts';

export function TodayScreen() {
  const { actions } = useApp();
  const tasks = useTasks();
  const today = useToday();
  const overdue = findOverdue(tasks, today);
  const due = findDueOn(tasks, today);
  const moveToToday = (ids: readonly string[]) => actions.moveToDay(ids, today);
  const sections: Section[] = [
    ...toOverdue(overdue, moveToToday),
    {
      id: today,
      title: overdue.length > 0 ? common.today : undefined,
      tasks: due,
      onDrop: moveToToday,
    },
  ];
  return (
    <Screen title={common.today} subtitle={formatDay(today)}>
      <div className="screen-add">
        <AddTask date={today} />
      </div>
      {overdue.length + due.length === 0 && <Empty {...emptyTexts.today} drawing="today" />}
      <TaskList label={common.today} sections={sections} hasLists />
    </Screen>
  );
}
