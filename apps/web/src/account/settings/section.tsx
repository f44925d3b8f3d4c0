import { type ReactNode, useId } from 'react';

interface SectionProps {
  title: string;
  hint?: ReactNode;
  children: ReactNode;
}

/** One part of the settings. */
export function Section({ title, hint, children }: SectionProps) {
  const id = useId();
  return (
    <section className="settings-section" aria-labelledby={id}>
      <div className="settings-about">
        <h2 id={id}>{title}</h2>
        {hint && <p className="muted">{hint}</p>}
      </div>
      <div className="settings-body">{children}</div>
    </section>
  );
}
