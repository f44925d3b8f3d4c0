import { Screen } from '../app/screen.tsx';
import { common } from '../texts/common.ts';

export function SearchScreen() {
  return <Screen title={common.search}>{null}</Screen>;
}
