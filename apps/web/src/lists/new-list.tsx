import { useState } from 'react';
import { useLocation } from 'wouter';
import { useApp } from '../data/app.ts';
import { ListForm } from '../later/later.tsx';
import { listTexts } from '../texts/lists.ts';
import { IconButton } from '../ui/button.tsx';

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
