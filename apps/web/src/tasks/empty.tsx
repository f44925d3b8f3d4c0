import { Drawing, type DrawingName } from '../ui/drawing.tsx';

interface EmptyProps {
  title: string;
  hint: string;
  drawing?: DrawingName;
}

/** What a screen without tasks shows, and what to do next. */
export function Empty({ title, hint, drawing = 'list' }: EmptyProps) {
  return (
    <div className="empty">
      <Drawing name={drawing} />
      <p className="empty-title">{title}</p>
      <p className="muted">{hint}</p>
    </div>
  );
}
