import { Screen } from '../app/screen.tsx';
import { common } from '../texts/common.ts';

export function TrashScreen() {
  return <Screen title={common.trash}>{null}</Screen>;
}
