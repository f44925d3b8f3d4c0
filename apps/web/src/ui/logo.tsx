/** The sign of the app. Decoration only. */
export function Logo() {
  return (
    <svg className="logo" viewBox="0 0 64 64" aria-hidden="true">
      <rect width="64" height="64" rx="15" />
      <path className="logo-ring" d="M47.2 23.2A18 18 0 1 0 49.9 34" />
      <path className="logo-check" d="m22.5 31.5 8.5 8.5 20-21.5" />
    </svg>
  );
}
