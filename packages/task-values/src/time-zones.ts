interface TimeZone {
  /** The name with the case of the IANA database. */
  name: string;
  format: Intl.DateTimeFormat;
}

/**
 * The zones that were used, by their name in lower case. A formatter takes 0.2 ms to create, and tasks of one call can have all 600
 * zones. All formatters together take 16 MB.
 */
const cachedZones = new Map<string, TimeZone>();

/**
 * PostgreSQL reads these four names as abbreviations of fixed offsets, without daylight saving time. The values are the zones to
 * which the IANA database links them.
 */
const abbreviations: Readonly<Record<string, string>> = {
  cet: 'Europe/Brussels',
  eet: 'Europe/Athens',
  met: 'Europe/Brussels',
  wet: 'Europe/Lisbon',
};

/** Names of `Intl` that are not in the IANA database: PostgreSQL does not have them, or reads an abbreviation of another zone. */
const foreignNames =
  /^(?:(?!cet|eet|est|gmt|hst|met|mst|prc|roc|rok|uct|utc|wet)[a-z]{3}|systemv\/.*|us\/pacific-new|canada\/east-saskatchewan)$/;

/** Returns a zone by its IANA name in any case, or null if `Intl` does not have it. */
export function findTimeZone(name: string): TimeZone | null {
  if (name.length > 64 || !/^[A-Za-z][\w+/-]*$/.test(name)) return null;
  const key = name.toLowerCase();
  if (foreignNames.test(key)) return null;
  const cached = cachedZones.get(key);
  if (cached !== undefined) return cached;
  const zone = createTimeZone(abbreviations[key] ?? name);
  if (zone !== null) cachedZones.set(key, zone);
  return zone;
}

function createTimeZone(name: string): TimeZone | null {
  try {
    const format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
    const resolved = format.resolvedOptions().timeZone;
    // `Intl` replaces some names by the zone to which they link, so its spelling is of no use for them.
    return { name: resolved.toLowerCase() === name.toLowerCase() ? resolved : toIanaCase(name), format };
  } catch {
    return null;
  }
}

/** Words of IANA names that are not a capital letter followed by lower-case letters. */
const unusualWords = new Map(
  `ACT BajaNorte BajaSur CET CHAT CST6CDT ComodRivadavia DeNoronha DumontDUrville EET EST EST5EDT EasterIsland GB GMT GMT0 HST
  IN LHI MET MST MST7MDT McMurdo NSW NZ PRC PST8PDT ROC ROK SU UCT US UTC WET au es of`
    .split(/\s+/)
    .map((word) => [word.toLowerCase(), word]),
);

function toIanaCase(name: string): string {
  return name
    .toLowerCase()
    .replaceAll(/[a-z0-9]+/g, (word) => unusualWords.get(word) ?? word[0]!.toUpperCase() + word.slice(1));
}

/**
 * Returns the IANA spelling of a time zone's name in any case, or null if the name is unknown, longer than 64 characters, or an
 * offset such as `+02:00`. Older names stay as they are: `asia/calcutta` becomes `Asia/Calcutta`, not `Asia/Kolkata`. Only CET,
 * EET, MET and WET become the zones to which they link.
 */
export function resolveTimeZone(name: string): string | null {
  return findTimeZone(name)?.name ?? null;
}
