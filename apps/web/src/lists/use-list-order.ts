import type { List } from '@holdfast/client';
import { type RefObject, useEffect, useEffectEvent, useState } from 'react';
import { useApp } from '../data/app.ts';
import { findLists } from '../data/views.ts';
import { useDragModule } from '../tasks/drag/drag-module.ts';

type Edge = 'above' | 'below';

/**
 * Lets the user drag a list of the sidebar above or below another one. Returns the edge at which a dragged list would go.
 * Archived lists have no order.
 */
export function useListOrder(row: RefObject<HTMLElement | null>, list: List): Edge | null {
  const { actions, replica } = useApp();
  const drag = useDragModule();
  const [edge, setEdge] = useState<Edge | null>(null);
  const findDragged = useEffectEvent(() => (list.archivedAt === null ? [list.id] : []));
  const canDrop = useEffectEvent((dragged: string) => list.archivedAt === null && dragged !== list.id);
  const readName = useEffectEvent(() => list.name);
  const drop = useEffectEvent((dragged: string, at: Edge) => {
    const ids = findLists(replica.lists).map(({ id }) => id);
    const place = ids.filter((id) => id !== dragged).indexOf(list.id) + Number(at === 'below');
    if (ids.indexOf(dragged) !== place) actions.moveList(dragged, place);
  });

  useEffect(() => {
    const element = row.current;
    if (!drag || !element) return undefined;
    const findEdge = (clientY: number): Edge => {
      const { top, height } = element.getBoundingClientRect();
      return clientY < top + height / 2 ? 'above' : 'below';
    };
    return drag.combine(
      drag.makeDraggable(element, {
        kind: 'lists',
        findIds: () => findDragged(),
        describe: () => ({ title: readName(), badge: '' }),
      }),
      drag.makeDropTarget(element, {
        kind: 'lists',
        canDrop: ([dragged]) => canDrop(dragged!),
        onOver: (_ids, clientY) => setEdge(findEdge(clientY)),
        onOut: () => setEdge(null),
        onDrop: ([dragged], clientY) => drop(dragged!, findEdge(clientY)),
      }),
    );
  }, [drag, row]);

  return edge;
}
