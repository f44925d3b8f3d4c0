import { Screen } from '../app/screen.tsx';
import { useTasks, useToday } from '../data/app.ts';
import { findDueOn, findOverdue } from '../data/views.ts';
import { AddTask } from '../tasks/add-task.tsx';
import { Empty } from '../tasks/empty.tsx';
import { type Section, TaskList } from '../tasks/task-list.tsx';
import { common } from '../texts/common.ts';
import { formatDay } from '../texts/formats.ts';
import { emptyTexts } from '../texts/screens.ts';

export function TodayScreen() {
  const tasks = useTasks();
  const today = useToday();
  const overdue = findOverdue(tasks, today);
  const due = findDueOn(tasks, today);
  const sections: Section[] = [
    ...(overdue.length > 0 ? [{ id: 'overdue', title: common.overdue, tasks: overdue }] : []),
    { id: today, title: overdue.length > 0 ? common.today : undefined, tasks: due },
  ];
  return (
    <Screen title={common.today} subtitle={formatDay(today)}>
      <AddTask date={today} />
      {overdue.length + due.length === 0 && <Empty {...emptyTexts.today} />}
      <TaskList label={common.today} sections={sections} hasLists />
    </Screen>
  );
}
