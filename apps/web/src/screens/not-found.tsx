import { Link } from 'wouter';
import { Screen } from '../app/screen.tsx';
import { layoutTexts } from '../texts/layout.ts';

export function NotFoundScreen() {
  return (
    <Screen title={layoutTexts.notFound}>
      <p>{layoutTexts.notFoundHint}</p>
      <p>
        <Link href="/inbox">{layoutTexts.toInbox}</Link>
      </p>
    </Screen>
  );
}
