/** Tells what is new of the warnings: each once when it begins, once more if it gets bad, and once when it ends. */
import { type Alert, isBehind } from './alerts.ts';

export interface News {
  begun: Alert[];
  ended: Alert[];
}

/** Readings in a row that have what is not bad, before a word is said of it: much of it passes by itself. */
const SETTLED = 2;

export class AlertNews {
  /** Undefined until the first reading: what is so then is no news. */
  #told: Map<string, Alert> | undefined;
  readonly #seen = new Map<string, number>();

  /** @param alerts all there are now */
  take(alerts: readonly Alert[]): News {
    const now = new Map(alerts.map((alert) => [alert.key, alert]));
    if (this.#told === undefined) {
      this.#told = now;
      return { begun: [], ended: [] };
    }
    const told = this.#told;
    const ended = [...told.values()].filter((alert) => !now.has(alert.key) && !isBehind(alert, alerts));
    for (const { key } of ended) told.delete(key);
    for (const key of this.#seen.keys()) if (!now.has(key)) this.#seen.delete(key);
    const begun = alerts.filter((alert) => {
      const before = told.get(alert.key);
      return before === undefined ? this.#isSettled(alert) : isWorse(alert, before);
    });
    // As it was told of: its end is told of in the same words.
    for (const alert of begun) told.set(alert.key, alert);
    return { begun, ended };
  }

  /** Another window has told of these: who sees both is not told twice. */
  heard({ begun, ended }: News): void {
    for (const alert of begun) this.#told?.set(alert.key, alert);
    for (const { key } of ended) this.#told?.delete(key);
  }

  #isSettled({ key, severity }: Alert): boolean {
    const times = (this.#seen.get(key) ?? 0) + 1;
    this.#seen.set(key, times);
    return severity === 'bad' || times >= SETTLED;
  }
}

const isWorse = (alert: Alert, before: Alert): boolean => alert.severity === 'bad' && before.severity === 'warn';
