/** The idempotency key of a form: the same for the same request, so that one whose answer was lost does not act twice. */
// Not `crypto.randomUUID`: a browser has that over https only.
import { v4 as uuidv4 } from 'uuid';

export class RequestKey {
  #asked: string | undefined;
  #key = '';

  /** The key of this request; another one once something else is asked for, as a key is good for one request. */
  of(request: unknown): string {
    const asked = JSON.stringify(request);
    if (asked !== this.#asked) {
      this.#asked = asked;
      this.#key = uuidv4();
    }
    return this.#key;
  }
}
