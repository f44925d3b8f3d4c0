import type { RefusedWrite } from '@holdfast/client/replica';
import { type FormEvent, useState } from 'react';
import { useApp, useReplica } from '../../data/app.ts';
import { common } from '../../texts/common.ts';
import { refusalTexts } from '../../texts/refusals.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { compareTexts, type Compared } from './compare-texts.ts';
import { describeReason, describeWrite } from './describe-refusal.ts';

/** The changes that the server refused. The user decides about each one. */
export function RefusalsDialog({ onClose }: { onClose(): void }) {
  const refused = useReplica((replica) => replica.refused);
  return (
    <Dialog title={refusalTexts.title} onClose={onClose} kind="wide">
      <p className="muted" role="status">
        {refused.length === 0 ? refusalTexts.none : refusalTexts.intro}
      </p>
      <ul className="refusals">
        {refused.map((write) => (
          <li key={write.id} className="refusal">
            <Refusal write={write} />
          </li>
        ))}
      </ul>
    </Dialog>
  );
}

function Refusal({ write }: { write: RefusedWrite }) {
  const { replica } = useApp();
  const [isEditing, setEditing] = useState(false);
  const { id, refusal, input } = write;
  const { conflict } = refusal;
  const { description: mine } = input as { description?: string | null };
  return (
    <>
      <h3>{describeWrite(replica, write)}</h3>
      <p>{describeReason(write)}</p>
      {conflict && <Versions conflict={conflict} />}
      {isEditing ? (
        <EditForm
          text={mine ?? ''}
          onCancel={() => setEditing(false)}
          onSave={(description) => replica.retry(id, { description })}
        />
      ) : (
        <div className="dialog-actions">
          {mine !== undefined && <Button onClick={() => setEditing(true)}>{refusalTexts.edit}</Button>}
          <Button onClick={() => replica.drop(id)}>{conflict ? common.keepTheirs : refusalTexts.discard}</Button>
          <Button kind="primary" onClick={() => replica.retry(id)}>
            {conflict ? common.keepMine : common.retry}
          </Button>
        </div>
      )}
    </>
  );
}

type Conflict = NonNullable<RefusedWrite['refusal']['conflict']>;

/** Both texts. Marks show the differences from the text that both devices edited. */
function Versions({ conflict: { base, mine, theirs } }: { conflict: Conflict }) {
  const compare = (text: string | null) => compareTexts(text ?? '', base ?? '');
  return (
    <div className="versions">
      <Version title={refusalTexts.mine} parts={compare(mine)} />
      <Version title={refusalTexts.theirs} parts={compare(theirs)} />
    </div>
  );
}

function Version({ title, parts: [before, middle, after] }: { title: string; parts: Compared }) {
  const isEmpty = before + middle + after === '';
  return (
    <section>
      <h4>{title}</h4>
      <p className="task-text" dir="auto">
        {isEmpty && <span className="muted">{common.noDescription}</span>}
        {before}
        {middle && <mark>{middle}</mark>}
        {after}
      </p>
    </section>
  );
}

interface EditFormProps {
  text: string;
  onCancel(): void;
  onSave(text: string | null): void;
}

function EditForm({ text, onCancel, onSave }: EditFormProps) {
  const [edited, setEdited] = useState(text);
  function save(event: FormEvent): void {
    event.preventDefault();
    onSave(edited.trim() === '' ? null : edited);
    onCancel();
  }
  return (
    <form className="form" onSubmit={save}>
      <textarea
        className="task-text refusal-edit"
        aria-label={refusalTexts.edited}
        dir="auto"
        rows={8}
        autoFocus
        value={edited}
        onChange={({ target }) => setEdited(target.value)}
      />
      <div className="dialog-actions">
        <Button onClick={onCancel}>{common.cancel}</Button>
        <Button kind="primary" type="submit">
          {refusalTexts.saveEdited}
        </Button>
      </div>
    </form>
  );
}
