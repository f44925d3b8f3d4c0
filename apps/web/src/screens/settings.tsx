import { Screen } from '../app/screen.tsx';
import { common } from '../texts/common.ts';

export function SettingsScreen() {
  return <Screen title={common.settings}>{null}</Screen>;
}
