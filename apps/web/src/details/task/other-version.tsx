import { common } from '../../texts/common.ts';
import { Button } from '../../ui/button.tsx';
import type { Draft } from './use-draft.ts';

interface OtherVersionProps {
  draft: Draft;
  title: string;
}

/** The text of another device, as long as the user has to choose between the two. */
export function OtherVersion({ draft, title }: OtherVersionProps) {
  return (
    <div role="status">
      {draft.theirs !== null && (
        <div className="other-version">
          <p>{title}</p>
          <p className="task-text">{draft.theirs === '' ? common.noDescription : draft.theirs}</p>
          <div className="dialog-actions">
            <Button onClick={draft.keepTheirs}>{common.keepTheirs}</Button>
            <Button kind="primary" onClick={draft.keepMine}>
              {common.keepMine}
            </Button>
          </div>
        </div>
      )}
    </div>
  );
}
