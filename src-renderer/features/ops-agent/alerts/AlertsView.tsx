/** Alerts. */
export function AlertsView() {
  return <h2 className="sr-only">Alerts</h2>;
}
