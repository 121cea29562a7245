// The newest events by long poll: the server answers as soon as there is one that this page does not have.

import {ask, Poll} from './server.js';

const timeoutSeconds = 25;

export class EventLog {
  #rows = []; #max; #onChange; #poll = null; #threshold = '';

  /** Keeps the newest `max`; `onChange(rows)` gets them, newest first. */
  constructor(max, onChange) {
    this.#max = max;
    this.#onChange = onChange;
  }

  start(threshold = '') {
    this.#poll?.stop();
    this.#rows = [];
    this.#threshold = threshold;
    // The first question is answered at once, so that an empty log is known to be empty.
    let isFirst = true;
    this.#poll = new Poll(0, async signal => {
      const news = await ask(this.path(isFirst ? 0 : timeoutSeconds), {signal, patience: (timeoutSeconds + 10) * 1000})
        .catch(error => signal.aborted ? Promise.reject(error) : null);
      if (news === null) return 2_000;
      // Numbers that begin again: the server was restarted.
      if (news.length > 0 && this.#rows.length > 0 && news[0].eventID <= this.#rows[0].eventID) this.#rows = [];
      this.#rows = [...news, ...this.#rows].slice(0, this.#max);
      if (isFirst || news.length > 0) this.#onChange(this.#rows);
      isFirst = false;
      // Events that come in a flood are taken in a few at a time.
      return 200;
    });
  }

  get rows() { return this.#rows; }

  path(timeout) {
    const query = new URLSearchParams({eventID: this.#rows[0]?.eventID ?? -1, maxEvents: this.#max});
    if (timeout) query.set('timeout', timeout);
    if (this.#threshold) query.set('thresholdID', this.#threshold);
    return `events/json?${query}`;
  }
}
