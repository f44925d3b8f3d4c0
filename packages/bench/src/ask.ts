import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { dialects } from './contestants/dialect.ts';
import type { RunningContestant } from './contestants/running.ts';
import type { Call } from './operations.ts';

export interface Answer {
  status: number;
  body: unknown;
}

/** One request outside of the load, on a connection of its own. */
export async function ask(
  { contestant, url }: RunningContestant,
  call: Call,
  { user, token }: { user: number; token: string | undefined },
): Promise<Answer> {
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
  const answer = await text(response);
  try {
    return { status: response.statusCode!, body: JSON.parse(answer) };
  } catch (cause) {
    throw new Error(`${contestant.title} answered ${call.operation} with ${response.statusCode}: ${answer}`, { cause });
  }
}
