import { formatNumber } from './formats.ts';

export const sessionTexts = {
  opening: 'Opening your tasks…',
  cannotOpen: 'Your tasks cannot be opened',
  ended: 'Your session has ended. Sign in again to go on.',
  unconfirmed: 'You are signed out here, but the server did not confirm. Sign in and out again.',
  deleted: 'Your account is deleted.',
  unsentKept: (count: number) =>
    count === 1
      ? '1 unsent change waits on this device.'
      : `${formatNumber(count)} unsent changes wait on this device.`,
};
