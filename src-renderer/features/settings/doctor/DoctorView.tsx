export const DoctorView = () => <p className="p-4 text-muted">Not built.</p>;
