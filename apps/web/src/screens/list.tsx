import { useEffect, useRef } from 'react';
import { useLocation } from 'wouter';
import { Screen } from '../app/screen.tsx';
import { useApp, useReplica, useTasks } from '../data/app.ts';
import { findCompletedOfList, findOfList } from '../data/views.ts';
import { ListDot } from '../lists/list-dot.tsx';
import { ListMenu } from '../lists/list-menu.tsx';
import { AddTask } from '../tasks/add-task.tsx';
import { Empty } from '../tasks/empty.tsx';
import { toCompletedFold } from '../tasks/items.ts';
import { TaskList } from '../tasks/task-list.tsx';
import { listTexts } from '../texts/lists.ts';
import { emptyTexts } from '../texts/screens.ts';
import { Button } from '../ui/button.tsx';
import { NotFoundScreen } from './not-found.tsx';

export function ListScreen({ id }: { id: string }) {
  const { actions } = useApp();
  const list = useReplica((replica) => replica.list.get(id));
  const isComplete = useReplica(({ status }) => status.isComplete);
  const all = useTasks();
  const tasks = findOfList(all, id);
  const hasGone = useLeaving(list?.name);
  // A new device may not have received the list yet.
  if (!list) return isComplete && !hasGone ? <NotFoundScreen /> : null;
  const isArchived = list.archivedAt !== null;
  return (
    <Screen title={list.name} mark={<ListDot color={list.color} />} actions={<ListMenu listId={id} />}>
      {isArchived ? (
        <div className="banner">
          <p>{listTexts.archivedHint}</p>
          <Button icon="restore" onClick={() => actions.setArchived(id, false)}>
            {listTexts.unarchive}
          </Button>
        </div>
      ) : (
        <div className="screen-add">
          <AddTask listId={id} />
        </div>
      )}
      {tasks.length === 0 && !isArchived && <Empty {...emptyTexts.list} drawing="list" />}
      <TaskList
        label={list.name}
        sections={[{ id, tasks }, ...toCompletedFold(findCompletedOfList(all, id))]}
        ordered={id}
      />
    </Screen>
  );
}

/** Leads to the inbox if another window or device deletes the open list. Returns true as soon as the list has gone. */
function useLeaving(name: string | undefined): boolean {
  const { history } = useApp();
  const [, navigate] = useLocation();
  const last = useRef(name);
  const hasGone = name === undefined && last.current !== undefined;
  useEffect(() => {
    if (name !== undefined) last.current = name;
    else if (last.current !== undefined) {
      history.report(listTexts.goneElsewhere(last.current));
      navigate('/inbox', { replace: true });
    }
  }, [history, name, navigate]);
  return hasGone;
}
