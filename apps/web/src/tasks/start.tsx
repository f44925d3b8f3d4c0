import { useApp } from '../data/app.ts';
import { useStore } from '../data/store.ts';
import { startTexts } from '../texts/screens.ts';
import { Drawing } from '../ui/drawing.tsx';
import { Icon } from '../ui/icon.tsx';

/** What a new user sees before the first task. */
export function Start() {
  const user = useStore(useApp().profile);
  return (
    <div className="empty">
      <Drawing name="inbox" />
      <p className="empty-title">{startTexts.title(user?.name ?? null)}</p>
      <p className="muted">{startTexts.hint}</p>
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
    </div>
  );
}
