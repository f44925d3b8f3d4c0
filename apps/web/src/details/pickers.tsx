/** Opens a dialog for one or more tasks. */
type OpenPicker = (ids: readonly string[]) => void;

export interface Pickers {
  openDate: OpenPicker;
  openMove: OpenPicker;
  openLabels: OpenPicker;
}

const pickers: Pickers = { openDate() {}, openMove() {}, openLabels() {} };

/** The dialogs for date, list and labels, for any part of the page. */
export const usePickers = (): Pickers => pickers;
