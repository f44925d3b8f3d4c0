import { Link } from 'wouter';
import { Screen } from '../app/screen.tsx';
import { useTasks } from '../data/app.ts';
import { findLabels } from '../data/labels.ts';
import { LabelMenu } from '../details/label-menu.tsx';
import { Empty } from '../tasks/empty.tsx';
import { common } from '../texts/common.ts';
import { labelTexts } from '../texts/search.ts';
import { Icon } from '../ui/icon.tsx';
import { useRowFocus } from '../ui/use-row-focus.ts';

export function LabelsScreen() {
  const labels = findLabels(useTasks());
  const rows = useRowFocus<HTMLUListElement>(labels.length);
  return (
    <Screen title={common.labels}>
      {labels.length === 0 && <Empty {...labelTexts.none} />}
      <ul className="rows" {...rows}>
        {labels.map(({ name, open, completed }) => (
          <li key={name} className="line">
            <Link href={`/labels/${encodeURIComponent(name)}`} className="line-main">
              <Icon name="label" />
              <span className="line-name" dir="auto">
                {name}
              </span>
              <span className="line-note">{labelTexts.count(open, completed)}</span>
            </Link>
            <LabelMenu name={name} />
          </li>
        ))}
      </ul>
    </Screen>
  );
}
