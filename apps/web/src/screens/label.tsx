import { readPath } from '../app/places.ts';
import { Screen } from '../app/screen.tsx';
import { useTasks } from '../data/app.ts';
import { findLabeled } from '../data/labels.ts';
import { byDue, findOpen } from '../data/views.ts';
import { LabelMenu } from '../details/label-menu.tsx';
import { AddTask } from '../tasks/add-task.tsx';
import { Empty } from '../tasks/empty.tsx';
import { TaskList } from '../tasks/task-list.tsx';
import { emptyTexts } from '../texts/screens.ts';

export function LabelScreen() {
  const [, name = ''] = readPath();
  const all = findLabeled(useTasks(), name);
  const open = findOpen(all).toSorted(byDue);
  return (
    <Screen title={`#${name}`} actions={all.length > 0 && <LabelMenu name={name} />}>
      <div className="screen-add">
        <AddTask label={name} />
      </div>
      {open.length === 0 && <Empty {...emptyTexts.label} />}
      <TaskList label={`#${name}`} sections={[{ id: name, tasks: open }]} hasLists />
    </Screen>
  );
}
