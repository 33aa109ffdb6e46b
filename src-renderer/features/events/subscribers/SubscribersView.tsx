/** Subscribers and their queues */
export function SubscribersView() {
  return <h2 className="p-4">Subscribers and their queues</h2>;
}
