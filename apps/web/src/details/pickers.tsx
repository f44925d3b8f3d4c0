import { createContext, lazy, type ReactNode, Suspense, use, useEffect, useMemo, useState } from 'react';
import { tinykeys } from 'tinykeys';
import { loadParts } from '../later/later.tsx';

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

const load = {
  date: () => import('./pickers/date-picker.tsx'),
  move: () => import('./pickers/move-picker.tsx'),
  labels: () => import('./pickers/label-picker.tsx'),
  palette: () => import('./palette/command-palette.tsx'),
};
const pickers = {
  date: lazy(async () => ({ default: (await load.date()).DatePicker })),
  move: lazy(async () => ({ default: (await load.move()).MovePicker })),
  labels: lazy(async () => ({ default: (await load.labels()).LabelPicker })),
};
const CommandPalette = lazy(async () => ({ default: (await load.palette()).CommandPalette }));

/** The dialogs are loaded soon after the first list, so that they open at the first key. */
const loadAfterMs = 1000;

async function loadAll(): Promise<void> {
  // Without a network, a dialog is loaded when it is opened.
  await Promise.allSettled([loadParts, ...Object.values(load)].map((load) => load()));
}

const PickersContext = createContext<Pickers | null>(null);

/** Opens the dialogs for date, list and labels from any part of the page. */
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
  useEffect(() => {
    const timer = setTimeout(() => void loadAll(), loadAfterMs);
    return () => clearTimeout(timer);
  }, []);
  const [isPaletteOpen, setPaletteOpen] = useState(false);
  useEffect(
    () =>
      tinykeys(
        window,
        {
          '$mod+k': (event) => {
            if (document.querySelector('dialog[open]')) return;
            event.preventDefault();
            setPaletteOpen(true);
          },
        },
        // Also in a text field.
        { ignore: () => false },
      ),
    [],
  );
  const Picker = shown && pickers[shown.kind];
  return (
    <PickersContext value={value}>
      {children}
      {Picker && (
        <Suspense>
          <Picker ids={shown.ids} onClose={() => setShown(null)} />
        </Suspense>
      )}
      {isPaletteOpen && (
        <Suspense>
          <CommandPalette onClose={() => setPaletteOpen(false)} />
        </Suspense>
      )}
    </PickersContext>
  );
}
