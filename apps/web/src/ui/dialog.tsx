import { type ReactNode, useEffect, useId, useRef } from 'react';
import { createPortal } from 'react-dom';
import { common } from '../texts/common.ts';
import { IconButton } from './button.tsx';
import { restoreFocus } from './restore-focus.ts';

interface DialogProps {
  title: string;
  /** Called when the user closes the dialog: Escape, the button, or a click outside. */
  onClose(): void;
  children: ReactNode;
  /**
   * `sheet` is at the side on wide screens. `sheet` and `picker` are at the bottom on phones. `top` and `palette` are at the
   * top.
   */
  kind?: 'box' | 'wide' | 'sheet' | 'picker' | 'top' | 'palette';
}

/** Dialogs that people open to write something. A sheet shows a task first. */
const startsInField = /dialog-(?:box|picker|top|palette)/;
/** On touch screens, the keyboard would cover the choices. */
const startsInFieldOnTouch = /dialog-(?:box|top|palette)/;
const textFields = 'input:not([type=radio], [type=checkbox], [hidden]), textarea';

/** Gives the focus back. If the control has gone, such as a closed menu, the page decides. */
function focusAgain(opener: HTMLElement | null): void {
  if (document.querySelector('dialog[open]') && !opener?.closest('dialog[open]')) return;
  const canFocus = opener?.isConnected === true && opener !== document.body && opener.checkVisibility();
  if (canFocus) opener.focus();
  else restoreFocus();
}

/**
 * A modal dialog. It is open while it is rendered, at the end of the page, so that it is independent of the place of its
 * component. The focus cannot leave it.
 */
export function Dialog({ title, onClose, children, kind = 'box' }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const dialog = ref.current!;
    const opener = document.activeElement as HTMLElement | null;
    dialog.showModal();
    const isWritten = matchMedia('(pointer: coarse)').matches ? startsInFieldOnTouch : startsInField;
    if (isWritten.test(dialog.className)) dialog.querySelector<HTMLElement>(textFields)?.focus();
    return () => {
      dialog.close();
      focusAgain(opener);
    };
  }, []);
  return createPortal(
    <dialog
      ref={ref}
      className={`dialog dialog-${kind}`}
      aria-labelledby={id}
      onCancel={(event) => {
        if (event.target !== ref.current) return;
        event.preventDefault();
        onClose();
      }}
      onPointerDown={(event) => {
        if (event.target === ref.current) onClose();
      }}
    >
      <div className="dialog-content">
        <header className="dialog-header">
          <h2 id={id}>{title}</h2>
          <IconButton icon="close" label={common.close} onClick={onClose} />
        </header>
        {children}
      </div>
    </dialog>,
    document.body,
  );
}
