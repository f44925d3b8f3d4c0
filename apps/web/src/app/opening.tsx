import { sessionTexts } from '../texts/session.ts';
import { Logo } from '../ui/logo.tsx';

/** The page until the data is open. Its styles show it only after a moment, because most data opens faster. */
export function Opening() {
  return (
    <main className="opening" aria-busy="true">
      <Logo />
      <p className="muted">{sessionTexts.opening}</p>
    </main>
  );
}
