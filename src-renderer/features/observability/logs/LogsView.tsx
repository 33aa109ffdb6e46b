export function LogsView() {
  return <p>logs</p>;
}
