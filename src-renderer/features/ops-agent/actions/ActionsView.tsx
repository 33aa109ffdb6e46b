/** Actions. */
export function ActionsView() {
  return <h2 className="sr-only">Actions</h2>;
}
