import { autoScrollWindowForElements } from '@atlaskit/pragmatic-drag-and-drop-auto-scroll/element';
import { combine } from '@atlaskit/pragmatic-drag-and-drop/combine';
import {
  draggable,
  dropTargetForElements,
  monitorForElements,
} from '@atlaskit/pragmatic-drag-and-drop/element/adapter';
import { setCustomNativeDragPreview } from '@atlaskit/pragmatic-drag-and-drop/element/set-custom-native-drag-preview';

export { combine };

/** The kind of the dragged records. Other drags on the page are ignored. */
type Kind = 'tasks' | 'lists';

const readIds = (data: Record<string, unknown>, kind: Kind) =>
  data.holdfast === kind ? (data.ids as readonly string[]) : [];

interface DragOptions {
  kind: Kind;
  /** The tasks or lists of a drag that starts here. An empty array forbids the drag. */
  findIds(): readonly string[];
  /** Texts of the card beside the pointer. */
  describe(ids: readonly string[]): { title: string; badge: string };
}

/** Lets the user drag a row. */
export function makeDraggable(element: HTMLElement, { kind, findIds, describe }: DragOptions): () => void {
  return draggable({
    element,
    canDrag: () => findIds().length > 0,
    getInitialData: () => ({ holdfast: kind, ids: findIds() }),
    onGenerateDragPreview({ nativeSetDragImage, source }) {
      const { title, badge } = describe(readIds(source.data, kind));
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
    onDragStart: ({ source }) => mark(readIds(source.data, kind), true),
    onDrop: ({ source }) => mark(readIds(source.data, kind), false),
  });
}

/** Dims the rows that are dragged. */
function mark(ids: readonly string[], isDragged: boolean): void {
  document.documentElement.toggleAttribute('data-dragging', isDragged);
  for (const id of ids) {
    const row = document.querySelector(`:is([data-task="${CSS.escape(id)}"], [data-list="${CSS.escape(id)}"])`);
    row?.toggleAttribute('data-dragged', isDragged);
  }
}

interface DropOptions {
  kind: Kind;
  canDrop?(ids: readonly string[]): boolean;
  /** Called while something is dragged over the element. */
  onOver(ids: readonly string[], clientY: number): void;
  onOut(): void;
  onDrop(ids: readonly string[], clientY: number): void;
}

/** Accepts tasks or lists that are dropped on an element. */
export function makeDropTarget(element: Element, { kind, canDrop, onOver, onOut, onDrop }: DropOptions): () => void {
  return dropTargetForElements({
    element,
    canDrop({ source }) {
      const ids = readIds(source.data, kind);
      return ids.length > 0 && (canDrop?.(ids) ?? true);
    },
    onDrag: ({ source, location }) => onOver(readIds(source.data, kind), location.current.input.clientY),
    onDragLeave: onOut,
    onDrop({ source, location }) {
      onOut();
      onDrop(readIds(source.data, kind), location.current.input.clientY);
    },
  });
}

/** Scrolls the page while tasks are dragged near its edges. */
export const scrollDuringDrags = (): (() => void) =>
  combine(
    autoScrollWindowForElements({ canScroll: ({ source }) => source.data.holdfast === 'tasks' }),
    monitorForElements({ onDrop: ({ source }) => mark(readIds(source.data, 'tasks'), false) }),
  );
