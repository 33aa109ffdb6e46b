/** Reports. */
export function ReportsView() {
  return <h2 className="sr-only">Reports</h2>;
}
