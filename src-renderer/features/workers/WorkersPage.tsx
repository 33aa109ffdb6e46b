/** Workers */
export function WorkersPage() {
  return <h2 className="p-4">Workers</h2>;
}
