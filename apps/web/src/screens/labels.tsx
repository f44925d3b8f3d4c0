import { Screen } from '../app/screen.tsx';
import { common } from '../texts/common.ts';

export function LabelsScreen() {
  return <Screen title={common.labels}>{null}</Screen>;
}
