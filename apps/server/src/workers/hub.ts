import type { Receivers, RecordFailure, ToMain, ToWorker } from '../peers/messages.ts';

type Send = (message: ToWorker) => void;

/** Answers a question of a worker to the main process. */
type AnswerMain = (content: unknown, from: number) => unknown;

interface Pending {
  missing: Set<number>;
  answers: Map<number, unknown>;
  done(): void;
}

/** A worker whose event loop is blocked for longer does not delay the others, in milliseconds. */
const answerLimitMs = 2000;

/** Passes messages between the workers. It reads only who sends and receives them. */
export class Hub {
  readonly #workers = new Map<number, Send>();
  readonly #pending = new Map<number, Pending>();
  readonly #main = new Map<string, AnswerMain>();
  readonly #recordFailure: RecordFailure;
  #lastId = 0;

  constructor(recordFailure: RecordFailure) {
    this.#recordFailure = recordFailure;
  }

  /** Sets the function that answers questions about a topic to the main process. */
  on(topic: string, answer: AnswerMain): void {
    this.#main.set(topic, answer);
  }

  add(worker: number, send: Send): void {
    this.#workers.set(worker, send);
  }

  has(worker: number): boolean {
    return this.#workers.has(worker);
  }

  remove(worker: number): void {
    if (!this.#workers.delete(worker)) return;
    for (const pending of this.#pending.values()) this.#settle(pending, worker);
    for (const send of this.#workers.values()) send({ kind: 'gone', worker });
  }

  /** Asks all workers but one. Never rejects. @returns their answers by worker, without those that failed. */
  ask(topic: string, content: unknown, from = 0): Promise<Map<number, unknown>> {
    const id = (this.#lastId += 1);
    const receivers = [...this.#workers].filter(([worker]) => worker !== from);
    const answers = new Map<number, unknown>();
    return new Promise((resolve) => {
      const timer = setTimeout(() => pending.done(), answerLimitMs);
      const done = () => {
        clearTimeout(timer);
        this.#pending.delete(id);
        resolve(answers);
      };
      const pending: Pending = { missing: new Set(receivers.map(([worker]) => worker)), answers, done };
      if (receivers.length === 0) return done();
      this.#pending.set(id, pending);
      for (const [, send] of receivers) send({ kind: 'question', id, topic, content, from });
    });
  }

  receive(from: number, message: ToMain): void {
    if (message.kind === 'news') this.#tell(from, message);
    else if (message.kind === 'question') void this.#answer(from, message);
    else if (message.kind === 'answer') {
      const pending = this.#pending.get(message.id);
      if (pending?.missing.has(from) && !message.hasFailed) pending.answers.set(from, message.answer);
      if (pending !== undefined) this.#settle(pending, from);
    }
  }

  #settle(pending: Pending, worker: number): void {
    if (pending.missing.delete(worker) && pending.missing.size === 0) pending.done();
  }

  #tell(from: number, { topic, content, to }: ToMain & { kind: 'news' }): void {
    for (const worker of this.#toIds(from, to)) this.#workers.get(worker)?.({ kind: 'news', topic, content, from });
  }

  #toIds(from: number, to: Receivers): number[] {
    return to === 'others' ? [...this.#workers.keys()].filter((worker) => worker !== from) : to;
  }

  /** Never rejects. */
  async #answer(from: number, question: ToMain & { kind: 'question' }): Promise<void> {
    const { id, topic } = question;
    const given = await this.#findAnswers(from, question).catch((error: unknown) => {
      this.#recordFailure(topic, error);
      return { answers: [], hasFailed: true as const };
    });
    this.#workers.get(from)?.({ kind: 'answers', id, ...given });
  }

  async #findAnswers(from: number, { topic, content, to }: ToMain & { kind: 'question' }) {
    if (to === 'main') return { answers: [await this.#main.get(topic)?.(content, from)] };
    return { answers: [...(await this.ask(topic, content, from)).values()] };
  }
}
