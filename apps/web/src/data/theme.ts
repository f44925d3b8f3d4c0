/** The colors of the page: those of the device, or the user's choice. */
export type Theme = 'device' | 'light' | 'dark';

const key = 'holdfast theme';

export function findTheme(): Theme {
  try {
    const stored = localStorage.getItem(key);
    return stored === 'light' || stored === 'dark' ? stored : 'device';
  } catch {
    return 'device';
  }
}

/** Shows the page in the chosen theme. */
export function applyTheme(theme = findTheme()): void {
  if (theme === 'device') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
}

export function chooseTheme(theme: Theme): void {
  try {
    if (theme === 'device') localStorage.removeItem(key);
    else localStorage.setItem(key, theme);
  } catch {
    // The choice lasts until the page is closed.
  }
  applyTheme(theme);
}
