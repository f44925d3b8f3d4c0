import { toLocalTime } from '@holdfast/task-values';
import { useMemo } from 'react';
import { Screen } from '../app/screen.tsx';
import { useTasks, useTimeZone, useToday } from '../data/app.ts';
import { findCompleted } from '../data/views.ts';
import { Empty } from '../tasks/empty.tsx';
import { TaskList } from '../tasks/task-list.tsx';
import { common } from '../texts/common.ts';
import { formatDate, formatRelativeDay } from '../texts/formats.ts';
import { completedTexts } from '../texts/search.ts';

/** Completed tasks by day, the last one first. */
export function CompletedScreen() {
  const tasks = findCompleted(useTasks());
  const today = useToday();
  const timeZone = useTimeZone();
  const days = useMemo(
    () => [...Map.groupBy(tasks, ({ completedAt }) => toLocalTime(timeZone, new Date(completedAt!)).date)],
    [tasks, timeZone],
  );
  const toTitle = (day: string) => {
    const [relative, date] = [formatRelativeDay(day, today), formatDate(day, today)];
    return relative === date ? date : `${relative} · ${date}`;
  };
  return (
    <Screen title={common.completed}>
      {tasks.length === 0 && <Empty {...completedTexts.none} />}
      <TaskList
        label={common.completed}
        sections={days.map(([day, some]) => ({ id: day, title: toTitle(day), tasks: some }))}
        hasLists
      />
    </Screen>
  );
}
