/** False when the process was told to stop before it was up: that is an ordinary end. */
export async function startUnlessStopped(
  engine: { start(options: { signal: AbortSignal }): Promise<void> },
  signal: AbortSignal,
): Promise<boolean> {
  try {
    await engine.start({ signal });
    return true;
  } catch (error) {
    if (error === signal.reason) return false;
    throw error;
  }
}
