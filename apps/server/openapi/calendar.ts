const toError = (name: string) => ({ $ref: `#/components/responses/${name}` });

/** The calendar of a user, which is no procedure: its credential is the secret in the path. */
export function createCalendarPath(): Record<string, object> {
  return {
    '/calendar/{secret}.ics': {
      get: {
        operationId: 'calendar_read',
        tags: ['Calendar'],
        summary: 'Read the due tasks as a calendar',
        description:
          'For calendar apps, without a token. It has the next 750 open tasks with a due date, and the last 250 of the year before.',
        security: [{}],
        parameters: [
          {
            name: 'secret',
            in: 'path',
            required: true,
            description: 'Secret of the URL, from `POST /api/v1/calendar`.',
            schema: { type: 'string', minLength: 54, maxLength: 54 },
          },
        ],
        responses: {
          200: {
            description: 'Events of iCalendar (RFC 5545). The header `etag` allows `if-none-match`.',
            content: { 'text/calendar': { schema: { type: 'string' } } },
          },
          304: { description: 'The calendar has not changed.' },
          404: toError('NotFound'),
          429: toError('TooManyRequests'),
          500: toError('InternalServerError'),
          503: toError('ServiceUnavailable'),
        },
      },
    },
  };
}
