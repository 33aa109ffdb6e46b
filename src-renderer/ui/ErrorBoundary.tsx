import { Component, type ReactNode } from 'react';

export interface ErrorBoundaryProps {
  /** In place of what failed; nothing by default. */
  fallback?: ReactNode;
  /** When it changes, what failed is tried again. */
  resetKey?: unknown;
  onError?(error: unknown): void;
  children: ReactNode;
}

/** Keeps a part that fails from taking the rest with it. */
export class ErrorBoundary extends Component<ErrorBoundaryProps, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }

  override componentDidCatch(error: unknown): void {
    this.props.onError?.(error);
  }

  override componentDidUpdate(before: ErrorBoundaryProps, { failed }: { failed: boolean }): void {
    // Not when it failed with this very key.
    if (failed && before.resetKey !== this.props.resetKey) this.setState({ failed: false });
  }

  override render(): ReactNode {
    return this.state.failed ? this.props.fallback : this.props.children;
  }
}
