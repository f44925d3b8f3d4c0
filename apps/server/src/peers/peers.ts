import type { Receivers, ToMain, ToWorker } from './messages.ts';

/** The other workers of this server, and its main process. */
export interface Peers {
  /** Sends news to other workers. Does not wait. */
  tell(topic: string, content: unknown, to?: Receivers): void;
  /** Asks all other workers. The answers of workers that end, or that take longer than two seconds, are missing. */
  ask(topic: string, content: unknown): Promise<unknown[]>;
  askMain(topic: string, content: unknown): Promise<unknown>;
  /** Sets the receiver of news and questions about a topic. It returns the answer. */
  on(topic: string, receive: (content: unknown, from: number) => unknown): void;
  /** Another worker has ended. */
  onGone(listener: (worker: number) => void): void;
}

export interface PeerLink extends Peers {
  receive(message: ToWorker): void;
}

/** @param send Sends a message to the main process. */
export function createPeers(send: (message: ToMain) => void): PeerLink {
  const receivers = new Map<string, (content: unknown, from: number) => unknown>();
  const goneListeners: ((worker: number) => void)[] = [];
  const questions = new Map<number, (answers: unknown[]) => void>();
  let lastId = 0;

  function ask(topic: string, content: unknown, to: 'others' | 'main'): Promise<unknown[]> {
    const id = (lastId += 1);
    return new Promise((resolve) => {
      questions.set(id, resolve);
      send({ kind: 'question', id, topic, content, to });
    });
  }

  async function answer({ id, topic, content, from }: ToWorker & { kind: 'question' }): Promise<void> {
    const given = await receivers.get(topic)?.(content, from);
    send({ kind: 'answer', id, answer: given ?? null });
  }

  return {
    tell: (topic, content, to = 'others') => send({ kind: 'news', topic, content, to }),
    ask: (topic, content) => ask(topic, content, 'others'),
    askMain: async (topic, content) => (await ask(topic, content, 'main'))[0],
    on: (topic, receive) => void receivers.set(topic, receive),
    onGone: (listener) => void goneListeners.push(listener),
    receive(message) {
      if (message.kind === 'news') void receivers.get(message.topic)?.(message.content, message.from);
      else if (message.kind === 'question') void answer(message);
      else if (message.kind === 'gone') for (const listener of goneListeners) listener(message.worker);
      else if (message.kind === 'answers') {
        questions.get(message.id)?.(message.answers);
        questions.delete(message.id);
      }
    },
  };
}
