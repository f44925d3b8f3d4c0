import { type FormEvent, useState } from 'react';
import { useLocation } from 'wouter';
import { useApp, useReplica } from '../data/app.ts';
import { common } from '../texts/common.ts';
import { listTexts } from '../texts/lists.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';
import { Menu } from '../ui/menu.tsx';

interface ListFormProps {
  title: string;
  first: { name: string; color: string | null };
  onSave(list: { name: string; color: string | null }): void;
  onClose(): void;
}

const colors = ['#b3261e', '#a15c00', '#6b6a00', '#17693f', '#0f665e', '#1d5fd1', '#6a4bc4', '#a03a8c'];

function ListForm({ title, first, onSave, onClose }: ListFormProps) {
  const [color, setColor] = useState(first.color);
  function save(event: FormEvent<HTMLFormElement>): void {
    event.preventDefault();
    const name = String(new FormData(event.currentTarget).get('name')).trim();
    if (name === '') return;
    onClose();
    onSave({ name, color });
  }
  return (
    <Dialog title={title} onClose={onClose}>
      <form className="form" onSubmit={save}>
        <Field label={listTexts.name} name="name" defaultValue={first.name} required maxLength={200} autoFocus />
        <fieldset className="colors">
          <legend>{listTexts.color}</legend>
          {[null, ...colors].map((value, at) => (
            <label key={value ?? 'none'} className="color">
              <input type="radio" name="color" checked={color === value} onChange={() => setColor(value)} />
              <span style={{ background: value ?? 'transparent' }} />
              <span className="visually-hidden">{listTexts.colors[at]}</span>
            </label>
          ))}
        </fieldset>
        <div className="dialog-actions">
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button kind="primary" type="submit">
            {common.save}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

export function NewListButton() {
  const { actions } = useApp();
  const [, navigate] = useLocation();
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <IconButton icon="add" label={listTexts.add} onClick={() => setOpen(true)} />
      {isOpen && (
        <ListForm
          title={listTexts.add}
          first={{ name: '', color: null }}
          onClose={() => setOpen(false)}
          onSave={(list) => navigate(`/lists/${actions.addList(list)}`)}
        />
      )}
    </>
  );
}

/** What can be done with a list. */
export function ListMenu({ listId }: { listId: string }) {
  const { actions } = useApp();
  const list = useReplica((replica) => replica.list.get(listId));
  const [dialog, setDialog] = useState<'edit' | 'delete' | null>(null);
  if (!list) return null;
  const close = () => setDialog(null);
  const remove = (keepTasks: boolean) => {
    close();
    actions.deleteList(listId, { keepTasks });
  };
  return (
    <>
      <Menu
        label={listTexts.menu(list.name)}
        items={[
          { label: listTexts.edit, icon: 'edit', run: () => setDialog('edit') },
          { label: listTexts.archive, icon: 'archive', run: () => actions.setArchived(listId, true) },
          { label: common.delete, icon: 'trash', isDanger: true, run: () => setDialog('delete') },
        ]}
      />
      {dialog === 'edit' && (
        <ListForm
          title={listTexts.edit}
          first={list}
          onClose={close}
          onSave={(changes) => actions.changeList(listId, changes)}
        />
      )}
      {dialog === 'delete' && (
        <Dialog title={listTexts.deleteTitle(list.name)} onClose={close}>
          <p>{listTexts.deleteHint}</p>
          <div className="dialog-actions">
            <Button onClick={() => remove(true)}>{listTexts.keepTasks}</Button>
            <Button kind="danger" onClick={() => remove(false)}>
              {listTexts.deleteTasks}
            </Button>
          </div>
        </Dialog>
      )}
    </>
  );
}
