import { fold, toLabelKey } from '@holdfast/task-values';
import { useState } from 'react';
import { useApp, useTasks } from '../../data/app.ts';
import { findLabels, hasLabel, isLongLabel, labelsMax } from '../../data/labels.ts';
import { choiceTexts } from '../../texts/choices.ts';
import { common } from '../../texts/common.ts';
import { formatNumber } from '../../texts/formats.ts';
import { Button } from '../../ui/button.tsx';
import { type Choice, ChoiceList } from '../../ui/choice-list.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import type { PickerProps } from '../pickers.tsx';
import { usePickedTasks } from './use-picked-tasks.ts';

/** Adds labels to tasks and removes them. Each choice takes effect at once. */
export function LabelPicker({ ids, onClose }: PickerProps) {
  const { actions } = useApp();
  const [text, setText] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const tasks = usePickedTasks(ids);
  const known = findLabels(useTasks());
  // A label without tasks is gone. It stays in the dialog, so that it can be chosen again.
  const [offered, setOffered] = useState(known.map((label) => label.name));
  const keys = new Set(known.map((label) => toLabelKey(label.name)));
  const gone = offered.filter((offer) => !keys.has(toLabelKey(offer)));
  const all = [...known, ...gone.map((offer) => ({ name: offer, open: 0 }))].toSorted((one, other) =>
    one.name.localeCompare(other.name),
  );

  function add(name: string): void {
    const full = tasks.find(({ labels }) => labels.length >= labelsMax && !hasLabel(labels, name));
    if (full) return setProblem(choiceTexts.labelsFull(full.title));
    if (isLongLabel(name)) return setProblem(common.labelLong);
    setText('');
    if (!offered.includes(name)) setOffered([...offered, name]);
    return actions.addLabels(ids, [name]);
  }

  function toChoice({ name, open }: { name: string; open: number }): Choice {
    const { length } = tasks.filter(({ labels }) => hasLabel(labels, name));
    const checked = length === tasks.length || (length > 0 && 'mixed');
    return {
      id: `label-${toLabelKey(name)}`,
      label: name,
      icon: 'label',
      note: checked === 'mixed' ? choiceTexts.someTasks : open > 0 ? formatNumber(open) : undefined,
      checked,
      run() {
        setProblem(null);
        if (checked === true) actions.removeLabels(ids, [name]);
        else add(name);
      },
    };
  }

  const wanted = fold(text);
  const name = text.trim();
  const choices = all.filter((label) => fold(label.name).includes(wanted)).map(toChoice);
  if (name !== '' && !all.some((label) => toLabelKey(label.name) === toLabelKey(name))) {
    choices.push({ id: 'new', label: common.newLabel(name), icon: 'add', checked: false, run: () => add(name) });
  }
  return (
    <Dialog title={choiceTexts.labels} onClose={onClose} kind="picker">
      <ChoiceList
        label={choiceTexts.labels}
        placeholder={choiceTexts.labelsHint}
        text={text}
        onText={(value) => {
          setProblem(null);
          setText(value);
        }}
        choices={choices}
        empty={choiceTexts.noLabels}
        isMultiple
      />
      {problem && (
        <p className="field-problem" role="alert">
          {problem}
        </p>
      )}
      <div className="dialog-actions">
        <Button kind="primary" onClick={onClose}>
          {common.done}
        </Button>
      </div>
    </Dialog>
  );
}
