import { Screen } from '../app/screen.tsx';
import { useLists, useReplica, useTasks } from '../data/app.ts';
import { findCompletedOfList, findOfList } from '../data/views.ts';
import { AddTask } from '../tasks/add-task.tsx';
import { Empty } from '../tasks/empty.tsx';
import { toCompletedFold } from '../tasks/items.ts';
import { Start } from '../tasks/start.tsx';
import { TaskList } from '../tasks/task-list.tsx';
import { common } from '../texts/common.ts';
import { emptyTexts } from '../texts/screens.ts';

export function InboxScreen() {
  const all = useTasks();
  const tasks = findOfList(all, null);
  const hasLists = useLists().length > 0;
  const isNew = useReplica(({ status }) => status.isComplete) && all.length === 0 && !hasLists;
  return (
    <Screen title={common.inbox}>
      <div className="screen-add">
        <AddTask />
      </div>
      {tasks.length === 0 && (isNew ? <Start /> : <Empty {...emptyTexts.inbox} drawing="inbox" />)}
      <TaskList
        label={common.inbox}
        sections={[{ id: 'inbox', tasks }, ...toCompletedFold(findCompletedOfList(all, null))]}
        ordered={null}
      />
    </Screen>
  );
}
