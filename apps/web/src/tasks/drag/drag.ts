import { autoScrollWindowForElements } from '@atlaskit/pragmatic-drag-and-drop-auto-scroll/element';
import { combine } from '@atlaskit/pragmatic-drag-and-drop/combine';
import {
  draggable,
  dropTargetForElements,
  monitorForElements,
} from '@atlaskit/pragmatic-drag-and-drop/element/adapter';
import { setCustomNativeDragPreview } from '@atlaskit/pragmatic-drag-and-drop/element/set-custom-native-drag-preview';

/** Mark of our drags. Drags of other libraries on the page are ignored. */
const kind = 'holdfast tasks';

const readIds = (data: Record<string, unknown>) => (data.kind === kind ? (data.ids as readonly string[]) : []);

interface DragOptions {
  /** The tasks of a drag that starts here. An empty array forbids the drag. */
  findIds(): readonly string[];
  /** Texts of the card beside the pointer. */
  describe(ids: readonly string[]): { title: string; badge: string };
}

/** Lets the user drag a row. */
export function makeDraggable(element: HTMLElement, { findIds, describe }: DragOptions): () => void {
  return draggable({
    element,
    canDrag: () => findIds().length > 0,
    getInitialData: () => ({ kind, ids: findIds() }),
    onGenerateDragPreview({ nativeSetDragImage, source }) {
      const { title, badge } = describe(readIds(source.data));
      setCustomNativeDragPreview({
        nativeSetDragImage,
        getOffset: () => ({ x: 12, y: 20 }),
        render({ container }) {
          const card = document.createElement('div');
          card.className = 'drag-card';
          card.textContent = title;
          if (badge !== '') {
            const count = document.createElement('span');
            count.className = 'drag-badge';
            count.textContent = badge;
            card.append(count);
          }
          container.append(card);
        },
      });
    },
    onDragStart: ({ source }) => mark(readIds(source.data), true),
    onDrop: ({ source }) => mark(readIds(source.data), false),
  });
}

/** Dims the rows that are dragged. */
function mark(ids: readonly string[], isDragged: boolean): void {
  document.documentElement.toggleAttribute('data-dragging', isDragged);
  for (const id of ids) {
    document.querySelector(`[data-task="${CSS.escape(id)}"]`)?.toggleAttribute('data-dragged', isDragged);
  }
}

interface DropOptions {
  canDrop?(ids: readonly string[]): boolean;
  /** Called while tasks are dragged over the element. */
  onOver(ids: readonly string[], clientY: number): void;
  onOut(): void;
  onDrop(ids: readonly string[], clientY: number): void;
}

/** Accepts tasks that are dropped on an element. */
export function makeDropTarget(element: Element, { canDrop, onOver, onOut, onDrop }: DropOptions): () => void {
  return dropTargetForElements({
    element,
    canDrop({ source }) {
      const ids = readIds(source.data);
      return ids.length > 0 && (canDrop?.(ids) ?? true);
    },
    onDrag: ({ source, location }) => onOver(readIds(source.data), location.current.input.clientY),
    onDragLeave: onOut,
    onDrop({ source, location }) {
      onOut();
      onDrop(readIds(source.data), location.current.input.clientY);
    },
  });
}

/** Scrolls the page while tasks are dragged near its edges. */
export const scrollDuringDrags = (): (() => void) =>
  combine(
    autoScrollWindowForElements({ canScroll: ({ source }) => source.data.kind === kind }),
    monitorForElements({ onDrop: ({ source }) => mark(readIds(source.data), false) }),
  );
