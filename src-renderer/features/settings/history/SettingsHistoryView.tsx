export const SettingsHistoryView = () => <p className="p-4 text-muted">Not built.</p>;
