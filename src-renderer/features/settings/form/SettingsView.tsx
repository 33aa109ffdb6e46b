export const SettingsView = () => <p className="p-4 text-muted">Not built.</p>;
