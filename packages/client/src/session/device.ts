/** Browsers name the browsers that they are compatible with too, so the order matters. */
const browsers = [
  ['Edge', /\bEdg(?:e|A|iOS)?\//],
  ['Opera', /\b(?:OPR|Opera)\//],
  ['Samsung Internet', /\bSamsungBrowser\//],
  ['Firefox', /\b(?:Firefox|FxiOS)\//],
  ['Chrome', /\b(?:Chrome|CriOS)\//],
  ['Safari', /\bSafari\//],
] as const;

const systems = [
  ['iPad', /\biPad\b/],
  ['iPhone', /\biPhone\b/],
  ['Android', /\bAndroid\b/],
  ['Windows', /\bWindows\b/],
  ['macOS', /\bMac OS X\b/],
  ['ChromeOS', /\bCrOS\b/],
  ['Linux', /\bLinux\b/],
] as const;

/** The browser and the system of a `User-Agent` header, such as `Firefox on Linux`. Null if both are unknown. */
export function toDevice(userAgent: string): string | null {
  const [browser, system] = [browsers, systems].map((names) => names.find(([, form]) => form.test(userAgent))?.[0]);
  return browser && system ? `${browser} on ${system}` : (browser ?? system ?? null);
}
