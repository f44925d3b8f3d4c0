import type { List } from '@holdfast/client';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { useApp, useLists, useReplica } from '../data/app.ts';
import { findLists } from '../data/views.ts';
import { DeleteListDialog, ListForm } from '../later/later.tsx';
import { common } from '../texts/common.ts';
import { listTexts } from '../texts/lists.ts';
import { Menu, type MenuItem } from '../ui/menu.tsx';

type Dialog = 'edit' | 'delete';

/** The moves that change the order. */
function useMoves({ id }: List): MenuItem[] {
  const { actions } = useApp();
  const lists = findLists(useLists());
  const at = lists.findIndex((list) => list.id === id);
  const up: MenuItem = { label: listTexts.moveUp, icon: 'up', run: () => actions.moveList(id, at - 1) };
  const down: MenuItem = { label: listTexts.moveDown, icon: 'down', run: () => actions.moveList(id, at + 1) };
  return [...(at > 0 ? [up] : []), ...(at !== -1 && at < lists.length - 1 ? [down] : [])];
}

/** The actions for a list. */
export function ListMenu({ listId }: { listId: string }) {
  const list = useReplica((replica) => replica.list.get(listId));
  return list ? <MenuOf list={list} /> : null;
}

function MenuOf({ list }: { list: List }) {
  const { id, name, archivedAt } = list;
  const { actions } = useApp();
  const [path, navigate] = useLocation();
  const [dialog, setDialog] = useState<Dialog | null>(null);
  const moves = useMoves(list);
  const close = () => setDialog(null);
  const isArchived = archivedAt !== null;
  return (
    <>
      <Menu
        label={listTexts.menu(name)}
        items={[
          { label: listTexts.edit, icon: 'edit', run: () => setDialog('edit') },
          ...moves,
          {
            label: isArchived ? listTexts.unarchive : listTexts.archive,
            icon: isArchived ? 'restore' : 'archive',
            run: () => actions.setArchived(id, !isArchived),
          },
          { label: common.delete, icon: 'trash', isDanger: true, run: () => setDialog('delete') },
        ]}
      />
      {dialog === 'edit' && (
        <ListForm
          title={listTexts.edit}
          first={list}
          onClose={close}
          onSave={(changes) => actions.changeList(id, changes)}
        />
      )}
      {dialog === 'delete' && (
        <DeleteListDialog
          name={name}
          onClose={close}
          onDelete={(keepTasks) => {
            close();
            if (path === `/lists/${id}`) navigate('/inbox', { replace: true });
            actions.deleteList(id, { keepTasks });
          }}
        />
      )}
    </>
  );
}
