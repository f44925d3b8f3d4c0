export const fieldTexts = {
  capsLock: 'Caps Lock is on.',
  showPassword: 'Show characters',
  hidePassword: 'Hide characters',
};
