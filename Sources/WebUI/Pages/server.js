// The REST API as the pages use it: relative to the folder above the page, so that any path prefix in front of it works.

/** Where the server's paths begin: pages lie in one folder below it (html/ or api/). */
export const base = new URL('..', location.href);

const patienceMilliseconds = 15_000;

export class ServerError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** Told about every answer: `{shards: 'held/all' or null}`; and about every failure: the error. */
export const listeners = {answer: () => {}, failure: () => {}};

/** Encoded for one segment of a path; `,`, `;` and `:` have a meaning there and stay. */
export const segment = text => encodeURIComponent(text).replace(/%2C/g, ',').replace(/%3B/g, ';').replace(/%3A/g, ':');

/** An answer's JSON, or null for an answer without content. `path` has no leading slash. */
export async function ask(path, {method = 'GET', body, signal, patience = patienceMilliseconds} = {}) {
  const limit = AbortSignal.timeout(patience);
  let response;
  try {
    response = await fetch(new URL(path, base), {
      method, body: body === undefined ? undefined : JSON.stringify(body), cache: 'no-store',
      headers: body === undefined ? {} : {'content-type': 'application/json'},
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    const failure = new ServerError(0, limit.aborted ? 'the server does not answer in time' : 'the server cannot be reached');
    listeners.failure(failure);
    throw failure;
  }
  listeners.answer({shards: response.headers.get('weir-shards')});
  if (!response.ok) throw new ServerError(response.status, await refusal(response));
  return response.status === 204 ? null : response.json();
}

async function refusal(response) {
  try {
    return (await response.json()).error.message;
  } catch {
    return `status ${response.status}`;
  }
}

export const put = (path, body) => ask(path, {method: 'PUT', body});
export const remove = path => ask(path, {method: 'DELETE'});

/** The command that asks the same on a terminal. */
export function curl(path, {method = 'GET', body} = {}) {
  const quoted = text => `'${text.replaceAll("'", `'\\''`)}'`;
  const parts = ['curl'];
  if (method !== 'GET') parts.push('-X', method);
  if (body !== undefined) parts.push('-d', quoted(typeof body === 'string' ? body : JSON.stringify(body)));
  parts.push(quoted(new URL(path, base).href));
  return parts.join(' ');
}

/**
 * Asks again and again, never twice at a time, not while nobody looks at the page.
 * `task(signal)` may return the milliseconds until the next time instead of `interval`.
 */
export class Poll {
  #task; #interval; #timer = 0; #abort = null; #isStopped = false; #isPaused = false;

  constructor(interval, task) {
    this.#task = task;
    this.#interval = interval;
    document.addEventListener('visibilitychange', this.#onVisible);
    this.again();
  }

  #onVisible = () => { if (!document.hidden && !this.#abort) this.again(); };

  /** Asks now; what is under way is given up. */
  async again() {
    clearTimeout(this.#timer);
    this.#abort?.abort();
    if (this.#isStopped || this.#isPaused || document.hidden) { this.#abort = null; return; }
    const abort = this.#abort = new AbortController();
    let next;
    try {
      next = await this.#task(abort.signal);
    } catch (error) {
      if (!abort.signal.aborted && !(error instanceof ServerError)) { this.#abort = null; throw error; }
    }
    if (this.#abort !== abort) return;
    this.#abort = null;
    if (!this.#isStopped) this.#timer = setTimeout(() => this.again(), next ?? this.#interval);
  }

  get isPaused() { return this.#isPaused; }
  set isPaused(value) { this.#isPaused = value; this.again(); }

  stop() {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    this.#abort?.abort();
    document.removeEventListener('visibilitychange', this.#onVisible);
  }
}
