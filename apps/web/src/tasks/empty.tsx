import type { ReactNode } from 'react';
import { Drawing, type DrawingName } from '../ui/drawing.tsx';

interface EmptyProps {
  title: string;
  hint: string;
  drawing?: DrawingName;
  children?: ReactNode;
}

/** The content of a screen without tasks, with a hint for the next step. */
export function Empty({ title, hint, drawing = 'list', children }: EmptyProps) {
  return (
    <div className="empty">
      <Drawing name={drawing} />
      <p className="empty-title">{title}</p>
      <p className="muted">{hint}</p>
      {children}
    </div>
  );
}
