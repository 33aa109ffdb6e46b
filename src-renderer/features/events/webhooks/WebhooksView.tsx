/** Webhooks */
export function WebhooksView() {
  return <h2 className="p-4">Webhooks</h2>;
}
