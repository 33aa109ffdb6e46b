/** Status. */
export function StatusView() {
  return <h2 className="sr-only">Status</h2>;
}
