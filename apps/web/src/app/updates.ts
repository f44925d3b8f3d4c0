import { createStore } from '../data/store.ts';

const checkMs = 60 * 60 * 1000;

/** Whether a newer version of the app is ready. */
export const isUpdateReady = createStore(false);

const announce = () => isUpdateReady.set(true);

let activate: (() => Promise<void>) | undefined;

/** Loads the newer version, in all windows of the app. */
export async function update(): Promise<void> {
  const registration = await navigator.serviceWorker?.getRegistration();
  if (registration?.waiting && activate) await activate();
  else location.reload();
}

/** Registers the service worker, and checks for newer versions every hour. */
export async function watchForUpdates(): Promise<void> {
  // The server has a newer version, without the file that this page loads now.
  addEventListener('vite:preloadError', () => {
    if (navigator.onLine) announce();
  });
  const { registerSW } = await import('virtual:pwa-register');
  activate = registerSW({
    onNeedRefresh: announce,
    onRegisteredSW(_url, registration) {
      // A page that stays open for days would otherwise not learn of a new version.
      if (registration) setInterval(() => void registration.update().catch(() => {}), checkMs);
    },
  });
}
