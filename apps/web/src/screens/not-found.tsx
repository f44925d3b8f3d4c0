import { Link } from 'wouter';
import { Screen } from '../app/screen.tsx';
import { layoutTexts } from '../texts/layout.ts';
import { Drawing } from '../ui/drawing.tsx';

export function NotFoundScreen() {
  return (
    <Screen title={layoutTexts.notFound}>
      <div className="empty">
        <Drawing name="nothing" />
        <p className="muted">{layoutTexts.notFoundHint}</p>
        <p>
          <Link href="/inbox">{layoutTexts.toInbox}</Link>
        </p>
      </div>
    </Screen>
  );
}
