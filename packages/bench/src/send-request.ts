import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { dialects } from './contestants/dialect.ts';
import type { RunningContestant } from './contestants/running.ts';
import type { Call } from './operations.ts';

/** Sends one request on a new connection, outside of the load. */
export async function sendRequest(
  { contestant, url }: RunningContestant,
  call: Call,
  { user, token }: { user: number; token: string | undefined },
): Promise<{ status: number; body: unknown }> {
  const { path, body } = dialects[contestant.dialect].toRequest(call, user);
  const outgoing = request(`${url}${path}`, {
    agent: false,
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
  });
  outgoing.end(body);
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  const json = await text(response);
  try {
    return { status: response.statusCode!, body: JSON.parse(json) };
  } catch (cause) {
    throw new Error(`${contestant.title} returned ${response.statusCode} for ${call.operation}: ${json}`, { cause });
  }
}
