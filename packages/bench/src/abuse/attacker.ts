import { setPriority } from 'node:os';
import { receiveJob } from '../child.ts';
import { createAim, type Target } from './aim.ts';
import { type AttackName, attacks } from './attacks.ts';

export interface AttackJob {
  attack: AttackName;
  target: Target;
  /** The attack ends after this time even if no one stops it. */
  limitMs: number;
}

export interface AttackResult {
  /** Number of requests and bare connections. */
  requests: number;
}

const received = await receiveJob();
const { attack, target, limitMs } = received.job as AttackJob;
// Attackers have machines of their own. Here, they take the processor only if no other process needs it.
setPriority(19);
const signal = AbortSignal.any([received.stopped, AbortSignal.timeout(limitMs)]);
const aim = createAim(target, signal);
await attacks[attack].run(aim);
process.send!({ requests: aim.requests } satisfies AttackResult);
