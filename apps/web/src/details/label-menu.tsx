import { toLabelKey } from '@holdfast/task-values';
import { type FormEvent, useState } from 'react';
import { useLocation } from 'wouter';
import { useApp, useTasks } from '../data/app.ts';
import { findLabeled, findLabels, isLongLabel } from '../data/labels.ts';
import { common } from '../texts/common.ts';
import { labelTexts } from '../texts/search.ts';
import { autoFocus } from '../ui/auto-focus.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';
import { Menu } from '../ui/menu.tsx';

/** The actions for a label. */
export function LabelMenu({ name }: { name: string }) {
  const { actions, replica } = useApp();
  const [path, navigate] = useLocation();
  const [isRenaming, setRenaming] = useState(false);
  function rename(to: string): void {
    setRenaming(false);
    if (to === name) return;
    actions.renameLabel(name, to);
    if (path !== '/labels') navigate(`/labels/${encodeURIComponent(to)}`, { replace: true });
  }
  function remove(): void {
    const ids = findLabeled(replica.tasks, name).map(({ id }) => id);
    actions.removeLabels(ids, [name]);
  }
  return (
    <>
      <Menu
        label={labelTexts.menu(name)}
        items={[
          { label: labelTexts.rename, icon: 'edit', run: () => setRenaming(true) },
          { label: labelTexts.remove, icon: 'trash', isDanger: true, run: remove },
        ]}
      />
      {isRenaming && <RenameDialog name={name} onRename={rename} onClose={() => setRenaming(false)} />}
    </>
  );
}

interface RenameDialogProps {
  name: string;
  onRename(to: string): void;
  onClose(): void;
}

function RenameDialog({ name, onRename, onClose }: RenameDialogProps) {
  const [text, setText] = useState(name);
  const to = text.trim();
  const key = toLabelKey(to);
  const known = findLabels(useTasks());
  const other = key === toLabelKey(name) ? undefined : known.find((label) => toLabelKey(label.name) === key);
  const [isRefused, setRefused] = useState(false);
  const problem = isLongLabel(to) ? common.labelLong : isRefused && to === '' ? labelTexts.nameMissing : undefined;
  function submit(event: FormEvent<HTMLFormElement>): void {
    event.preventDefault();
    setRefused(true);
    if (to !== '' && !isLongLabel(to)) onRename(other?.name ?? to);
    else event.currentTarget.querySelector('input')!.focus();
  }
  return (
    <Dialog title={labelTexts.renameTitle(name)} onClose={onClose}>
      <form className="form" noValidate onSubmit={submit}>
        <Field
          ref={autoFocus}
          label={labelTexts.name}
          dir="auto"
          value={text}
          onChange={({ target }) => setText(target.value)}
          problem={problem}
          required
        />
        <p role="status" className="merge-hint">
          {other && labelTexts.mergeHint(name, other.name)}
        </p>
        <div className="dialog-actions">
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button kind="primary" type="submit">
            {other ? labelTexts.merge : labelTexts.rename}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
