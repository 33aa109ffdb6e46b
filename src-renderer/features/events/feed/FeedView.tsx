/** The live feed of events */
export function FeedView() {
  return <h2 className="p-4">The live feed of events</h2>;
}
