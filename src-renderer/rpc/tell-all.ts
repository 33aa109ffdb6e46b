/** Calls each of them: one that throws is reported as the fault it is, and the others are told all the same. */
export function tellAll<Told extends unknown[]>(listeners: Iterable<(...told: Told) => void>, ...told: Told): void {
  for (const tell of listeners) {
    try {
      tell(...told);
    } catch (error) {
      reportError(error);
    }
  }
}
