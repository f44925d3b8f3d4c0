/** The rows that an app sees. The array is a new one after each change, and the same one as long as nothing changes. */
export interface Rows<Row> {
  read(): readonly Row[];
  /** Undefined removes the row. */
  set(id: string, row: Row | undefined): void;
}

/** A change copies the array at most once between two reads. The order of the rows has no meaning. */
export function createRows<Row extends { id: string }>(): Rows<Row> {
  const places = new Map<string, number>();
  let items: Row[] = [];
  let isRead = false;

  return {
    read() {
      isRead = true;
      return items;
    },
    set(id, row) {
      const place = places.get(id);
      if ((place === undefined ? undefined : items[place]) === row) return;
      if (isRead) items = items.slice();
      isRead = false;
      if (row !== undefined) {
        places.set(id, place ?? items.length);
        items[place ?? items.length] = row;
        return;
      }
      const last = items.pop()!;
      places.delete(id);
      if (last.id === id) return;
      items[place!] = last;
      places.set(last.id, place!);
    },
  };
}
