// A table that sorts, filters and refreshes in place: rows and cells are kept and only what changed is written, so that a
// thousand rows stay smooth and a selection is not lost under the reader's hand.

import {make, setText, setName} from './dom.js';
import {isNumber} from './format.js';

const rowsAtOnce = 200;

/**
 * Columns: `{title, text(row), value(row)?, isNumber?, paint(cell, row)?, isFixed?}`. `value` is what is sorted by (the
 * text when absent), `paint` replaces the writing of the text.
 */
export class DataTable {
  #table; #body; #columns; #key; #rows = []; #elements = new Map(); #limit = rowsAtOnce; #more; #onSort; #headers; #empty;

  /** `sort`: `{column, isDescending}`; `key(row)` tells rows apart; `empty()` makes what is shown instead of no rows. */
  constructor(place, {label, columns, key, sort, onSort = () => {}, empty = () => null}) {
    this.#columns = columns;
    this.#key = key;
    this.sort = sort;
    this.#onSort = onSort;
    this.#empty = {make: empty, place: make('div', {})};
    this.#headers = columns.map((column, index) => this.#header(column, index));
    this.#body = make('tbody');
    this.#table = make('table', {}, make('caption', {class: 'silent'}, label),
      make('thead', {}, make('tr', {}, this.#headers)), this.#body);
    this.#more = make('button', {type: 'button', class: 'more', hidden: true, onclick: () => {
      this.#limit += 5 * rowsAtOnce;
      this.show(this.#rows);
    }});
    place.replaceChildren(make('div', {class: 'scroll', tabindex: 0, role: 'group', 'aria-label': label}, this.#table), this.#more, this.#empty.place);
  }

  #header(column, index) {
    const cell = make('th', {scope: 'col', class: column.isNumber ? 'number' : null});
    if (column.isFixed) {
      cell.append(column.title);
      return cell;
    }
    cell.append(make('button', {type: 'button', onclick: () => {
      const isSame = this.sort?.column === index;
      this.sort = {column: index, isDescending: isSame ? !this.sort.isDescending : Boolean(column.isNumber)};
      this.#onSort(this.sort);
      this.show(this.#rows);
    }}, column.title));
    return cell;
  }

  show(rows) {
    this.#rows = rows;
    const sorted = this.#sorted(rows);
    const shown = sorted.slice(0, this.#limit);
    const kept = new Map();
    let before = null;
    for (const row of shown) {
      const key = this.#key(row);
      if (kept.has(key)) continue;
      const element = this.#elements.get(key) ?? this.#newRow();
      this.#paint(element, row);
      const place = before ? before.nextSibling : this.#body.firstChild;
      if (place !== element) this.#body.insertBefore(element, place);
      kept.set(key, element);
      before = element;
    }
    for (const [key, element] of this.#elements) if (!kept.has(key)) element.remove();
    this.#elements = kept;
    this.#more.hidden = sorted.length <= this.#limit;
    setText(this.#more, `${sorted.length - shown.length} more rows`);
    this.#headers.forEach((cell, index) => {
      const isSorted = this.sort?.column === index;
      if (isSorted) cell.setAttribute('aria-sort', this.sort.isDescending ? 'descending' : 'ascending');
      else cell.removeAttribute('aria-sort');
    });
    const isEmpty = rows.length === 0;
    this.#table.parentElement.hidden = isEmpty && this.#empty.make() !== null;
    if (isEmpty) this.#empty.place.replaceChildren(...[this.#empty.make()].filter(Boolean));
    else if (this.#empty.place.firstChild) this.#empty.place.replaceChildren();
  }

  #newRow() {
    return make('tr', {}, this.#columns.map(column => make('td', {class: column.isNumber ? 'number' : null})));
  }

  #paint(element, row) {
    this.#columns.forEach((column, index) => {
      const cell = element.cells[index];
      if (column.paint) column.paint(cell, row);
      else setText(cell, column.text(row));
    });
  }

  /** Absent values last, whichever way it is sorted. */
  #sorted(rows) {
    if (!this.sort) return rows;
    const column = this.#columns[this.sort.column];
    const value = column?.value ?? column?.text;
    if (!value) return rows;
    const sign = this.sort.isDescending ? -1 : 1;
    const isAbsent = item => item === null || item === undefined || item === '' || Number.isNaN(item);
    return rows.map(row => [value(row), row]).sort(([a], [b]) => {
      if (isAbsent(a) || isAbsent(b)) return isAbsent(a) - isAbsent(b);
      return sign * (isNumber(a) && isNumber(b) ? a - b : natural.compare(String(a), String(b)));
    }).map(([, row]) => row);
  }
}

/** swp2 before swp10. */
export const natural = new Intl.Collator('en', {numeric: true});

/** A column with a bar for a share: `share(row)` is 0 to 1 or null. */
export function bar(title, text, value, share) {
  return {title, text, value, isNumber: true, paint(cell, row) {
    cell.className = 'bar';
    const part = share(row);
    cell.style.setProperty('--share', isNumber(part) ? `${Math.max(0, Math.min(100, 100 * part))}%` : '0%');
    setText(cell, text(row));
  }};
}

/** A column with a text from outside. */
export function named(title, text) {
  return {title, text, paint(cell, row) {
    if (!cell.firstChild) cell.append(make('bdi', {class: 'name'}));
    setName(cell.firstChild, text(row));
  }};
}

/** A column of values of metrics: numbers with a bar, texts of agents as texts from outside. */
export function metricValue(title, column) {
  const texts = named(title, column.text), numbers = bar(title, column.text, column.value, column.share);
  return {...numbers, paint(cell, row) {
    const isText = typeof column.value(row) === 'string';
    if (isText !== (cell.firstElementChild !== null)) cell.replaceChildren();
    cell.className = isText ? '' : 'bar';
    (isText ? texts : numbers).paint(cell, row);
  }};
}

/** A text from outside as a link. */
export function linked(title, text, address) {
  return {title, text, paint(cell, row) {
    if (!cell.firstChild) cell.append(make('a', {}, make('bdi', {class: 'name'})));
    const link = cell.firstChild, target = address(row);
    if (link.href !== target) link.href = target;
    setName(link.firstChild, text(row));
  }};
}
