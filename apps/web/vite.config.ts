import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';
import { serverPaths } from './build/server-paths.ts';

export default defineConfig({
  build: {
    target: 'es2024',
    // A file in the page as `data:` would break the Content-Security-Policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // Its package does not say so, so that code for WebSockets would be in the bundle.
    rolldownOptions: { treeshake: { moduleSideEffects: (id) => !id.includes('/@trpc/client/') } },
  },
  plugins: [
    react(),
    VitePWA({
      registerType: 'prompt',
      // src/app/updates.ts registers it.
      injectRegister: false,
      // The pattern below finds them too.
      includeManifestIcons: false,
      manifest: {
        id: '/',
        name: 'Holdfast',
        short_name: 'Holdfast',
        description: 'Plan your tasks: quick to write, safe offline, the same on all your devices.',
        lang: 'en',
        start_url: '/',
        scope: '/',
        display: 'standalone',
        theme_color: '#0f5c55',
        background_color: '#0f5c55',
        categories: ['productivity'],
        icons: [
          { src: '/icon.svg', sizes: 'any', type: 'image/svg+xml' },
          { src: '/icon-192.png', sizes: '192x192', type: 'image/png' },
          { src: '/icon-512.png', sizes: '512x512', type: 'image/png' },
          { src: '/icon-maskable-512.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
        ],
      },
      workbox: {
        // The stored files serve also the page that a new visitor has open.
        clientsClaim: true,
        globPatterns: ['**/*.{html,js,css,svg,png,woff2,webmanifest}'],
        navigateFallback: '/index.html',
        navigateFallbackDenylist: [serverPaths],
        // Vite's names contain a hash, so that these URLs need no version.
        dontCacheBustURLsMatching: /^assets\//,
        cleanupOutdatedCaches: true,
      },
    }),
  ],
});
