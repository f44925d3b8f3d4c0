import { formatNumber } from './formats.ts';

export const sessionTexts = {
  opening: 'Opening your tasks…',
  cannotOpen: 'Your tasks cannot be opened',
  ended: 'Your session has ended. Sign in again to go on.',
  unsentKept: (count: number) =>
    count === 1 ? '1 unsent change waits on this device.' : `${formatNumber(count)} unsent changes wait on this device.`,
};
