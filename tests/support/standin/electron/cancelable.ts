/** An event with `preventDefault`, as Electron's. */
export class CancelableEvent {
  defaultPrevented = false;
  [detail: string]: unknown;

  constructor(details: Record<string, unknown> = {}) {
    Object.assign(this, details);
  }

  preventDefault(): void {
    this.defaultPrevented = true;
  }
}
