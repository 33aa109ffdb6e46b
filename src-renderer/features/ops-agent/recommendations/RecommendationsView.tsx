/** Recommendations. */
export function RecommendationsView() {
  return <h2 className="sr-only">Recommendations</h2>;
}
