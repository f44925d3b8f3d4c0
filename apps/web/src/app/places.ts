import { common } from '../texts/common.ts';
import type { IconName } from '../ui/icon.tsx';

export interface Place {
  href: string;
  name: string;
  icon: IconName;
  /** The key that opens the place after `g`. */
  key?: string;
}

/** The places above the lists. The first four are also in the bar of small screens. */
export const mainPlaces: readonly Place[] = [
  { href: '/inbox', name: common.inbox, icon: 'inbox', key: 'i' },
  { href: '/today', name: common.today, icon: 'sun', key: 't' },
  { href: '/upcoming', name: common.upcoming, icon: 'upcoming', key: 'u' },
  { href: '/search', name: common.search, icon: 'search' },
  { href: '/labels', name: common.labels, icon: 'label', key: 'l' },
];

/** The places below the lists. */
export const endPlaces: readonly Place[] = [
  { href: '/completed', name: common.completed, icon: 'check', key: 'c' },
  { href: '/trash', name: common.trash, icon: 'trash' },
  { href: '/settings', name: common.settings, icon: 'settings', key: 's' },
];

export const places: readonly Place[] = [...mainPlaces, ...endPlaces];

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // An address that the user typed.
    return text;
  }
}

/** The parts of the address. The parts of the router are decoded only partly, so that they cannot be decoded again. */
export const readPath = (): string[] => location.pathname.split('/').slice(1).map(decode);
