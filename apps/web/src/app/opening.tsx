import { sessionTexts } from '../texts/session.ts';
import { Logo } from '../ui/logo.tsx';

/** What a page shows whose data is not open yet. Its styles hide it at first, because most data opens within a moment. */
export function Opening() {
  return (
    <main className="opening" aria-busy="true">
      <Logo />
      <p className="muted">{sessionTexts.opening}</p>
    </main>
  );
}
