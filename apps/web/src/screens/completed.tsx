import { Screen } from '../app/screen.tsx';
import { common } from '../texts/common.ts';

export function CompletedScreen() {
  return <Screen title={common.completed}>{null}</Screen>;
}
