import { h } from '../shared/dom';

/**
 * Shows `items` as table rows of one height, of which only those in view, and a few around them, are in the document.
 * `scroller` is the element that scrolls, `body` the empty <tbody> in it. Rows are kept while they stay in view, so
 * that focus and pictures do.
 */
export function virtual_rows<T>(
  scroller: HTMLElement,
  body: HTMLTableSectionElement,
  row_height: number,
  make_row: (item: T, index: number) => HTMLTableRowElement,
) {
  const around = 6;
  const above = h('tr', { 'aria-hidden': 'true', class: 'spacer' });
  const below = h('tr', { 'aria-hidden': 'true', class: 'spacer' });
  let items: T[] = [];
  let rows = new Map<number, HTMLTableRowElement>();
  body.append(above, below);

  function render() {
    const seen = Math.ceil(scroller.clientHeight / row_height);
    const top = Math.floor(scroller.scrollTop / row_height);
    const first = Math.max(0, Math.min(top - around, items.length - seen));
    const end = Math.min(items.length, top + seen + around);
    const next = new Map<number, HTMLTableRowElement>();
    let after: ChildNode = above;
    for (let index = first; index < end; index++) {
      const row = rows.get(index) ?? make_row(items[index], index);
      if (after.nextSibling !== row) after.after(row);
      next.set(index, row);
      after = row;
    }
    for (const [index, row] of rows) if (!next.has(index)) row.remove();
    rows = next;
    above.style.height = `${first * row_height}px`;
    below.style.height = `${Math.max(0, items.length - end) * row_height}px`;
  }

  scroller.addEventListener('scroll', render, { passive: true });
  new ResizeObserver(render).observe(scroller);

  return {
    /** Shows other items, from the top. */
    show(next: T[]) {
      items = next;
      for (const row of rows.values()) row.remove();
      rows = new Map();
      scroller.scrollTop = 0;
      render();
    },
    /** Brings a row into view, below a header of the given height, and returns it. */
    reveal(index: number, header: number): HTMLTableRowElement | undefined {
      const [top, room] = [index * row_height, scroller.clientHeight - header];
      if (top < scroller.scrollTop) scroller.scrollTop = top;
      else if (top + row_height > scroller.scrollTop + room) scroller.scrollTop = top + row_height - room;
      render();
      return rows.get(index);
    },
  };
}
