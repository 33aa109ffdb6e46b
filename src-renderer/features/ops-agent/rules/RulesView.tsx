/** Rules. */
export function RulesView() {
  return <h2 className="sr-only">Rules</h2>;
}
