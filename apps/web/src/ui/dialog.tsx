import { type ReactNode, useEffect, useId, useRef } from 'react';
import { common } from '../texts/common.ts';
import { IconButton } from './button.tsx';

interface DialogProps {
  title: string;
  /** Called when the user closes the dialog: Escape, the button, or a click outside. */
  onClose(): void;
  children: ReactNode;
  /** `sheet` is at the side on wide screens. `sheet` and `picker` are at the bottom on phones. */
  kind?: 'box' | 'wide' | 'sheet' | 'picker';
}

/** A modal dialog. It is open while it is rendered. The browser keeps the focus inside, and gives it back at the end. */
export function Dialog({ title, onClose, children, kind = 'box' }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const dialog = ref.current!;
    const opener = document.activeElement as HTMLElement | null;
    dialog.showModal();
    return () => {
      dialog.close();
      if (opener?.isConnected) opener.focus();
    };
  }, []);
  return (
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
    </dialog>
  );
}
