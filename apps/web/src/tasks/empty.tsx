/** What a screen without tasks shows, and what to do next. */
export function Empty({ title, hint }: { title: string; hint: string }) {
  return (
    <div className="empty">
      <p className="empty-title">{title}</p>
      <p className="muted">{hint}</p>
    </div>
  );
}
