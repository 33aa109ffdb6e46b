import { Component, type ReactNode } from 'react';

export interface ErrorBoundaryProps {
  /** In place of what failed; nothing by default. */
  fallback?: ReactNode;
  onError?(error: unknown): void;
  children: ReactNode;
}

/** Keeps a part that fails from taking the rest with it. Give it a new `key` to try again. */
export class ErrorBoundary extends Component<ErrorBoundaryProps, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }

  override componentDidCatch(error: unknown): void {
    this.props.onError?.(error);
  }

  override render(): ReactNode {
    return this.state.failed ? this.props.fallback : this.props.children;
  }
}
