import { Icon } from '../ui/icon.tsx';
import type { Commands } from './commands.ts';
import type { Section } from './items.ts';

interface HeadingRowProps {
  section: Section;
  isUnfolded: boolean;
  commands: Commands;
}

/** The heading of a section, which is a button if the section can be folded. */
export function HeadingRow({ section: { id, title, isFold, action }, isUnfolded, commands }: HeadingRowProps) {
  return (
    <div role="gridcell" className="task-heading">
      <h2>
        {isFold ? (
          <button
            type="button"
            className="task-fold"
            aria-expanded={isUnfolded}
            onClick={() => commands.toggleFold(id)}
          >
            <Icon name="chevron" />
            {title}
          </button>
        ) : (
          title
        )}
      </h2>
      {action && (
        <button type="button" className="task-heading-action" onClick={action.run}>
          {action.label}
        </button>
      )}
    </div>
  );
}
