import { createStore, type Store } from './store.ts';

/** An action of the user that can be undone. */
export interface Step {
  /** A description of the action, such as `Task completed`. */
  text: string;
  /** The tasks of the action. */
  ids?: readonly string[];
  undo(): void;
  redo(): void;
}

/** The report of the page about the last action. */
export interface Notice {
  /** Differs from that of the notice before. */
  id: number;
  text: string;
  kind: 'done' | 'undone' | 'failed';
  /** The tasks of the action. */
  ids: readonly string[];
}

/** The actions of this tab. */
export interface History {
  notice: Store<Notice | null>;
  /** Does the step, and offers to undo it. */
  perform(step: Step): void;
  /** Reverts the last action. Without an action, it does nothing. */
  undo(): void;
  redo(): void;
  /** Reports a failure. */
  report(text: string): void;
}

/** Most actions that can be undone. */
const stepsMax = 100;

export function createHistory(): History {
  const notice = createStore<Notice | null>(null);
  let [done, undone]: [Step[], Step[]] = [[], []];
  let id = 0;

  const tell = (text: string, kind: Notice['kind'], ids: readonly string[] = []) =>
    notice.set({ id: (id += 1), text, kind, ids });

  /** An action that cannot be done any more, such as one on a purged task, is dropped. */
  function attempt(run: () => void): boolean {
    try {
      run();
      return true;
    } catch (error) {
      tell((error as Error).message, 'failed');
      return false;
    }
  }

  return {
    notice,
    perform(step) {
      if (!attempt(step.redo)) return;
      done = [...done, step].slice(-stepsMax);
      undone = [];
      tell(step.text, 'done', step.ids);
    },
    undo() {
      const step = done.pop();
      if (!step || !attempt(step.undo)) return;
      undone.push(step);
      tell(`Undone: ${step.text}`, 'undone', step.ids);
    },
    redo() {
      const step = undone.pop();
      if (!step || !attempt(step.redo)) return;
      done.push(step);
      tell(step.text, 'done', step.ids);
    },
    report: (text) => tell(text, 'failed'),
  };
}
