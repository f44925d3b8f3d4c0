import { createContext, lazy, type ReactNode, Suspense, use, useMemo, useState } from 'react';

/** Opens a dialog for one or more tasks. */
type OpenPicker = (ids: readonly string[]) => void;

export interface Pickers {
  openDate: OpenPicker;
  openMove: OpenPicker;
  openLabels: OpenPicker;
}

export interface PickerProps {
  ids: readonly string[];
  onClose(): void;
}

const pickers = {
  date: lazy(async () => ({ default: (await import('./pickers/date-picker.tsx')).DatePicker })),
  move: lazy(async () => ({ default: (await import('./pickers/move-picker.tsx')).MovePicker })),
  labels: lazy(async () => ({ default: (await import('./pickers/label-picker.tsx')).LabelPicker })),
};

const PickersContext = createContext<Pickers | null>(null);

/** The dialogs for date, list and labels, for any part of the page. */
export const usePickers = (): Pickers => use(PickersContext)!;

export function PickersProvider({ children }: { children: ReactNode }) {
  const [shown, setShown] = useState<{ kind: keyof typeof pickers; ids: readonly string[] } | null>(null);
  const value = useMemo(() => {
    const toOpen =
      (kind: keyof typeof pickers): OpenPicker =>
      (ids) => {
        if (ids.length > 0) setShown({ kind, ids });
      };
    return { openDate: toOpen('date'), openMove: toOpen('move'), openLabels: toOpen('labels') };
  }, []);
  const Picker = shown && pickers[shown.kind];
  return (
    <PickersContext value={value}>
      {children}
      {Picker && (
        <Suspense>
          <Picker ids={shown.ids} onClose={() => setShown(null)} />
        </Suspense>
      )}
    </PickersContext>
  );
}
