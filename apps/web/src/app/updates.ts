const listeners = new Set<() => void>();
const checkMs = 60 * 60 * 1000;

let isWaiting = false;
let isRegistered = false;
let activate: (() => Promise<void>) | undefined;

function announce(): void {
  isWaiting = true;
  for (const listener of listeners) listener();
}

/** Calls back when a newer version of the app is ready. The first call registers the service worker. */
export function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (!isRegistered) {
    isRegistered = true;
    void register();
  }
  return () => listeners.delete(listener);
}

/** Whether a newer version of the app is ready. */
export function needsUpdate(): boolean {
  return isWaiting;
}

/** Loads the newer version, in all windows of the app. */
export async function update(): Promise<void> {
  const registration = await navigator.serviceWorker?.getRegistration();
  if (registration?.waiting && activate) await activate();
  else location.reload();
}

async function register(): Promise<void> {
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
