import { Grid, type RowsProps } from './grid.tsx';

/** More than fit on a screen. */
const shownMax = 50;

/** The first rows of a list, until the code for scrolling is loaded. */
export function PlainRows(props: RowsProps) {
  const shown = [...props.model.items.slice(0, shownMax).keys()];
  return <Grid {...props} className="task-grid task-grid-plain" shown={shown} scrollTo={() => {}} />;
}
