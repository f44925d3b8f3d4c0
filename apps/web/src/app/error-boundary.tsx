import { Component, type ReactNode } from 'react';
import { layoutTexts } from '../texts/layout.ts';
import { Button } from '../ui/button.tsx';

interface Props {
  children: ReactNode;
}

/** Shows a page in place of one that failed. */
export class ErrorBoundary extends Component<Props, { hasFailed: boolean }> {
  override state = { hasFailed: false };

  static getDerivedStateFromError() {
    return { hasFailed: true };
  }

  override render(): ReactNode {
    if (!this.state.hasFailed) return this.props.children;
    return (
      <main className="notice-page">
        <h1>{layoutTexts.failed}</h1>
        <p>{layoutTexts.failedHint}</p>
        <Button kind="primary" onClick={() => location.reload()}>
          {layoutTexts.reload}
        </Button>
      </main>
    );
  }
}
