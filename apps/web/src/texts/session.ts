export const sessionTexts = {
  cannotOpen: 'Your tasks cannot be opened',
};
