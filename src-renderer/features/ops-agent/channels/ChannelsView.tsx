/** Channels. */
export function ChannelsView() {
  return <h2 className="sr-only">Channels</h2>;
}
