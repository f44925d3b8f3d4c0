import type { ComponentProps } from 'react';
import { layoutTexts } from '../texts/layout.ts';
import { Icon } from '../ui/icon.tsx';

/** The text field for new tasks. `children` are behind its text. */
export function LineField({ children, ...field }: ComponentProps<'input'>) {
  return (
    <div className="field-line quick-add-line">
      <Icon name="add" />
      <div className="quick-add-text">
        {children}
        <input
          data-quick-add
          type="text"
          role="combobox"
          dir="auto"
          aria-label={layoutTexts.newTask}
          aria-description={layoutTexts.newTaskHint}
          aria-autocomplete="list"
          aria-expanded={false}
          autoComplete="off"
          enterKeyHint="done"
          placeholder={layoutTexts.newTask}
          {...field}
        />
      </div>
    </div>
  );
}
