import type { Answer, Receivers, RecordFailure, ToMain, ToWorker } from './messages.ts';

/** The other workers of this server, and its main process. */
export interface Peers {
  /** Sends news to other workers. Does not wait. */
  tell(topic: string, content: unknown, to?: Receivers): void;
  /** Asks all other workers. The answers of workers that end, fail, or take longer than two seconds are missing. */
  ask(topic: string, content: unknown): Promise<unknown[]>;
  /** @throws PeerError if the main process cannot answer. */
  askMain(topic: string, content: unknown): Promise<unknown>;
  /** Sets the receiver of news and questions about a topic. It returns the answer. */
  on(topic: string, receive: (content: unknown, from: number) => unknown): void;
  /** Another worker has ended. */
  onGone(listener: (worker: number) => void): void;
}

export interface PeerLink extends Peers {
  receive(message: ToWorker): void;
}

/** The main process could not answer. Its log has the reason. */
export class PeerError extends Error {
  override readonly name = 'PeerError';
  readonly code = 'PEER_FAILED';
}

export interface PeerOptions {
  /** Sends a message to the main process. */
  send: (message: ToMain) => void;
  recordFailure: RecordFailure;
}

export function createPeers({ send, recordFailure }: PeerOptions): PeerLink {
  const receivers = new Map<string, (content: unknown, from: number) => unknown>();
  const goneListeners: ((worker: number) => void)[] = [];
  const questions = new Map<number, PromiseWithResolvers<unknown[]>>();
  let lastId = 0;

  function ask(topic: string, content: unknown, to: 'others' | 'main'): Promise<unknown[]> {
    const id = (lastId += 1);
    const question = Promise.withResolvers<unknown[]>();
    questions.set(id, question);
    send({ kind: 'question', id, topic, content, to });
    return question.promise;
  }

  /** Never rejects. */
  async function answer({ topic, content, from }: ToWorker & { kind: 'question' | 'news' }): Promise<Answer> {
    try {
      return { answer: (await receivers.get(topic)?.(content, from)) ?? null };
    } catch (error) {
      recordFailure(topic, error);
      return { answer: null, hasFailed: true };
    }
  }

  function settle({ id, answers, hasFailed }: ToWorker & { kind: 'answers' }): void {
    if (hasFailed) questions.get(id)?.reject(new PeerError('The main process could not answer. See its log.'));
    else questions.get(id)?.resolve(answers);
    questions.delete(id);
  }

  return {
    tell: (topic, content, to = 'others') => send({ kind: 'news', topic, content, to }),
    ask: (topic, content) => ask(topic, content, 'others'),
    askMain: async (topic, content) => (await ask(topic, content, 'main'))[0],
    on: (topic, receive) => void receivers.set(topic, receive),
    onGone: (listener) => void goneListeners.push(listener),
    receive(message) {
      if (message.kind === 'news') void answer(message);
      else if (message.kind === 'question') {
        const { id } = message;
        void answer(message).then((given) => send({ kind: 'answer', id, ...given }));
      } else if (message.kind === 'gone') for (const listener of goneListeners) listener(message.worker);
      else if (message.kind === 'answers') settle(message);
    },
  };
}
