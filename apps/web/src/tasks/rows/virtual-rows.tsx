import { defaultRangeExtractor, type Range, useWindowVirtualizer } from '@tanstack/react-virtual';
import { type RefObject, useCallback, useLayoutEffect, useMemo, useRef, useState } from 'react';
import type { Item } from '../items.ts';
import { Grid, type RowsProps } from './grid.tsx';
import { useIsPrinting } from './use-is-printing.ts';

const [rowHeight, factsHeight, headingHeight] = [45, 22, 55];

function estimate({ task, section }: Item): number {
  if (task === undefined) return headingHeight;
  const hasFacts = task.due !== null || task.priority > 0 || task.labels.length > 0 || task.description;
  return rowHeight + (hasFacts || section.onDrop ? factsHeight : 0);
}

/** The rows near the screen. The others are added while the user scrolls. */
export function VirtualRows(props: RowsProps) {
  const rows = useRows(props.grid, props.model.items, props.model.active);
  return (
    <Grid
      {...props}
      className="task-grid"
      shown={rows.getVirtualItems().map(({ index }) => index)}
      containerRef={rows.containerRef}
      measureElement={rows.measureElement}
      scrollTo={(index) => rows.scrollToIndex(index)}
    />
  );
}

/** The rows near the screen, and the active one, which would otherwise lose the focus. */
function useRows(grid: RefObject<HTMLElement | null>, items: readonly Item[], active: string | null) {
  const [scrollMargin, setScrollMargin] = useState(0);
  const isPrinting = useIsPrinting();
  // With the same keys, the virtualizer need not measure all rows again.
  const latest = useRef(items);
  const keyed = useMemo(() => {
    if (!haveSameKeys(latest.current, items)) latest.current = items;
    return latest.current;
  }, [items]);
  const always = useMemo(
    () => [...items.keys()].filter((at) => items[at]!.key === active || isFoldHeading(items[at]!)),
    [items, active],
  );

  useLayoutEffect(() => {
    const measure = () => {
      if (grid.current) setScrollMargin(Math.round(grid.current.getBoundingClientRect().top + window.scrollY));
    };
    measure();
    // Other parts of the screen can grow.
    const observer = new ResizeObserver(measure);
    if (grid.current?.parentElement?.parentElement) observer.observe(grid.current.parentElement.parentElement);
    return () => observer.disconnect();
  }, [grid]);

  return useWindowVirtualizer({
    count: items.length,
    // The first render shows rows already, so that one can get the focus.
    initialRect: { width: innerWidth, height: innerHeight },
    estimateSize: (index) => estimate(items[index]!),
    getItemKey: useCallback((index: number) => keyed[index]!.key, [keyed]),
    overscan: 8,
    scrollMargin,
    scrollPaddingStart: 64,
    scrollPaddingEnd: 96,
    directDomUpdates: true,
    directDomUpdatesMode: 'position',
    rangeExtractor: (range: Range) =>
      isPrinting
        ? [...items.keys()]
        : [...new Set([...defaultRangeExtractor(range), ...always])].toSorted((one, other) => one - other),
  });
}

const haveSameKeys = (one: readonly Item[], other: readonly Item[]) =>
  one.length === other.length && one.every(({ key }, at) => key === other[at]!.key);

const isFoldHeading = ({ task, section }: Item) => task === undefined && section.isFold === true;
