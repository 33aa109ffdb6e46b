/** Dead letters */
export function DeadLettersView() {
  return <h2 className="p-4">Dead letters</h2>;
}
