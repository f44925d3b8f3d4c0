import { Screen } from '../app/screen.tsx';
import { useReplica, useTasks } from '../data/app.ts';
import { findOfList } from '../data/views.ts';
import { ListMenu } from '../lists/list-dialogs.tsx';
import { AddTask } from '../tasks/add-task.tsx';
import { Empty } from '../tasks/empty.tsx';
import { TaskList } from '../tasks/task-list.tsx';
import { emptyTexts } from '../texts/screens.ts';
import { NotFoundScreen } from './not-found.tsx';

export function ListScreen({ id }: { id: string }) {
  const list = useReplica((replica) => replica.list.get(id));
  const tasks = findOfList(useTasks(), id);
  if (!list) return <NotFoundScreen />;
  return (
    <Screen title={list.name} actions={<ListMenu listId={id} />}>
      <AddTask listId={id} />
      {tasks.length === 0 && <Empty {...emptyTexts.list} />}
      <TaskList label={list.name} sections={[{ id, tasks }]} ordered={id} />
    </Screen>
  );
}
