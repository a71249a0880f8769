// Asks Parley's API; what goes wrong is a Problem.

/** @typedef {{session_id: string, token: string}} Session */
/** @typedef {{current: () => Promise<Session>, renew: (token: string) => Promise<Session>}} Sessions where a session comes from */
/** @typedef {{method?: string, body?: unknown, signal?: AbortSignal, token?: string, accept?: string}} Asked */
/** @typedef {{name: string, data: any}} StreamEvent */

const BASE = new URL("../api/v1/", import.meta.url);

/** What was answered in place of what was asked for. `status` is 0 where nothing was answered at all. */
export class Problem extends Error {
  /** @param {number} status @param {string} detail @param {number} [retryAfter] seconds */
  constructor(status, detail, retryAfter = 0) {
    super(detail);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/**
 * The answer to one request. Raises Problem.
 * @param {string} path
 * @param {Asked} [asked]
 */
export async function ask(path, { method = "GET", body, signal, token, accept = "application/json" } = {}) {
  /** @type {Record<string, string>} */
  const headers = { Accept: accept };
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const sent = body === undefined ? undefined : JSON.stringify(body);
  const answer = await fetch(new URL(path, BASE), { method, headers, body: sent, signal, credentials: "omit" }).catch((error) => {
    if (error.name === "AbortError") throw error;
    throw new Problem(0, String(error.message));
  });
  if (answer.ok) return answer;
  const told = await answer.json().catch(() => ({}));
  throw new Problem(answer.status, told.detail || answer.statusText, Number(answer.headers.get("Retry-After")) || 0);
}

/** The API as a visitor with a session sees it: a session that is not believed any more is renewed once, a busy one waited for once. */
export class Api {
  /** @param {Sessions} sessions */
  constructor(sessions) {
    this.sessions = sessions;
  }

  /** @param {string} path @param {Asked} [asked] */
  async answer(path, asked = {}) {
    const { token } = await this.sessions.current();
    try {
      return await ask(path, { ...asked, token });
    } catch (error) {
      if (!(error instanceof Problem) || ![401, 409].includes(error.status)) throw error;
      if (error.status === 409) {
        await new Promise((resolve) => setTimeout(resolve, 1000 * error.retryAfter)); // until an answer that was stopped has ended
        return ask(path, { ...asked, token });
      }
      return ask(path, { ...asked, token: (await this.sessions.renew(token)).token });
    }
  }

  /** @param {string} path @param {Asked} [asked] @returns {Promise<any>} */
  async json(path, asked) {
    const answer = await this.answer(path, asked);
    return answer.status === 204 ? null : answer.json();
  }

  /** The events of a stream, as they come. @param {string} path @param {Asked} asked @returns {AsyncGenerator<StreamEvent>} */
  async *stream(path, asked) {
    const answer = await this.answer(path, { ...asked, accept: "text/event-stream" });
    if (answer.body) yield* eventsOf(answer.body.pipeThrough(new TextDecoderStream()));
  }
}

/**
 * Server-sent events out of the pieces of text in which they arrive.
 * @param {ReadableStream<string>} stream
 * @returns {AsyncGenerator<StreamEvent>}
 */
export async function* eventsOf(stream) {
  const reader = stream.getReader();
  let rest = "";
  try {
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      const blocks = (rest + piece.value.replaceAll("\r", "")).split("\n\n");
      rest = blocks.pop() || "";
      yield* blocks.map(eventOf).filter((event) => event !== null);
    }
  } catch (error) {
    if (error instanceof Error && error.name === "AbortError") throw error;
    throw new Problem(0, String(error));
  } finally {
    reader.cancel().catch(() => undefined); // it has ended, or nobody reads on
  }
}

/** @param {string} block @returns {StreamEvent | null} */
function eventOf(block) {
  const lines = block.split("\n");
  /** @param {string} field */
  const values = (field) => lines.filter((line) => line.startsWith(`${field}:`)).map((line) => line.slice(field.length + 1).trimStart());
  const data = values("data").join("\n");
  return data ? { name: values("event")[0] || "message", data: JSON.parse(data) } : null; // comments have no data
}
