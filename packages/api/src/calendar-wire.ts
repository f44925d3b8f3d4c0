// Outputs are type aliases, because tRPC's inferred outputs replace an interface by a mapped type without docs.

export type CalendarFeed = {
  /** Time at which the URL of the calendar was created. ISO 8601 in UTC. Null if there is none. */
  createdAt: string | null;
};

export type CreatedCalendarFeed = {
  /**
   * Path of the calendar on this server, such as `/calendar/….ics`. It contains a secret: everyone who knows it can read the due
   * tasks, until you revoke it. No other response contains it.
   */
  path: string;
  /** ISO 8601 in UTC. */
  createdAt: string;
};

export type RevokedCalendarFeed = Record<string, never>;
