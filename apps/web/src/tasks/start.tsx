import { useApp } from '../data/app.ts';
import { useStore } from '../data/store.ts';
import { startTexts } from '../texts/screens.ts';
import { Icon } from '../ui/icon.tsx';
import { Empty } from './empty.tsx';

/** The inbox of a new user, before the first task. */
export function Start() {
  const user = useStore(useApp().profile);
  return (
    <Empty title={startTexts.title(user?.name ?? null)} hint={startTexts.hint} drawing="inbox">
      <ul className="start">
        <li>
          <span>
            <Icon name="edit" />
          </span>
          <p>
            <strong>{startTexts.example}</strong>
            <br />
            {startTexts.exampleHint}
          </p>
        </li>
        {startTexts.keys.map(({ keys, text }) => (
          <li key={keys} className="start-keys">
            <span>
              <kbd>{keys}</kbd>
            </span>
            <p>{text}</p>
          </li>
        ))}
        <li className="start-touch">
          <span>
            <Icon name="add" />
          </span>
          <p>{startTexts.touch}</p>
        </li>
        <li className="start-touch">
          <span>
            <Icon name="more" />
          </span>
          <p>{startTexts.touchHint}</p>
        </li>
      </ul>
    </Empty>
  );
}
