import { Screen } from '../app/screen.tsx';
import { useReplica, useTasks } from '../data/app.ts';
import { findCompletedOfList, findOfList } from '../data/views.ts';
import { ListMenu } from '../lists/list-dialogs.tsx';
import { AddTask } from '../tasks/add-task.tsx';
import { Empty } from '../tasks/empty.tsx';
import { toCompletedFold } from '../tasks/items.ts';
import { TaskList } from '../tasks/task-list.tsx';
import { emptyTexts } from '../texts/screens.ts';
import { NotFoundScreen } from './not-found.tsx';

export function ListScreen({ id }: { id: string }) {
  const list = useReplica((replica) => replica.list.get(id));
  const all = useTasks();
  const tasks = findOfList(all, id);
  if (!list) return <NotFoundScreen />;
  return (
    <Screen title={list.name} actions={<ListMenu listId={id} />}>
      <AddTask listId={id} />
      {tasks.length === 0 && <Empty {...emptyTexts.list} />}
      <TaskList
        label={list.name}
        sections={[{ id, tasks }, ...toCompletedFold(findCompletedOfList(all, id))]}
        ordered={id}
      />
    </Screen>
  );
}
