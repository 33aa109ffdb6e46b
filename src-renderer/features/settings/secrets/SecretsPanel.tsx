/** How secrets are protected, and a new master key for them. */
export const SecretsPanel = () => <p className="text-muted">Not built.</p>;
