import { common } from '../texts/common.ts';
import { taskListTexts, taskTexts } from '../texts/tasks.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { Menu } from '../ui/menu.tsx';
import type { Commands } from './commands.ts';
import { toPriorityItems } from './row-menu.tsx';

/** The actions for all selected tasks. */
export function BulkBar({ selected, commands }: { selected: readonly string[]; commands: Commands }) {
  const targets = () => commands.findTargets();
  return (
    <div className="bulk-area">
      <div
        className="bulk-bar"
        role="toolbar"
        tabIndex={-1}
        aria-label={taskListTexts.bulk}
        onKeyDown={(event) => {
          if (event.key === 'Escape' && !document.querySelector('.bulk-bar :popover-open')) commands.endSelection();
        }}
      >
        <p className="bulk-count" role="status">
          {taskListTexts.selected(selected.length)}
        </p>
        <div className="bulk-actions">
          <Button
            icon="check"
            aria-label={taskListTexts.complete}
            onClick={() => commands.toggleCompleted(targets(), { isKeyboard: true })}
          >
            {taskListTexts.complete}
          </Button>
          <Button icon="calendar" aria-label={taskTexts.due} onClick={() => commands.openDate(targets())}>
            {taskTexts.due}
          </Button>
          <Button icon="list" aria-label={taskTexts.list} onClick={() => commands.openMove(targets())}>
            {taskTexts.list}
          </Button>
          <Button icon="label" aria-label={taskTexts.labels} onClick={() => commands.openLabels(targets())}>
            {taskTexts.labels}
          </Button>
          <Menu
            label={taskTexts.priority}
            className="button button-plain"
            items={toPriorityItems(undefined, (priority) => commands.setPriority(targets(), priority))}
          >
            <Icon name="flag" />
            <span>{taskTexts.priority}</span>
          </Menu>
          <Button icon="trash" aria-label={common.delete} onClick={() => commands.remove(targets())}>
            {common.delete}
          </Button>
        </div>
        <IconButton icon="close" label={taskListTexts.clear} onClick={commands.endSelection} />
      </div>
    </div>
  );
}
