import { Screen } from '../app/screen.tsx';
import { useTasks } from '../data/app.ts';
import { byDue, findLabeled, findOpen } from '../data/views.ts';
import { AddTask } from '../tasks/add-task.tsx';
import { Empty } from '../tasks/empty.tsx';
import { TaskList } from '../tasks/task-list.tsx';
import { emptyTexts } from '../texts/screens.ts';

export function LabelScreen({ name }: { name: string }) {
  const tasks = findLabeled(findOpen(useTasks()), name).toSorted(byDue);
  return (
    <Screen title={`#${name}`}>
      <AddTask label={name} />
      {tasks.length === 0 && <Empty {...emptyTexts.label} />}
      <TaskList label={`#${name}`} sections={[{ id: name, tasks }]} hasLists />
    </Screen>
  );
}
