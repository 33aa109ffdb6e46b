/**
 * Parts of the ops agent, and what they tell one another. A round goes: monitors observe → the judge decides what that
 * means → the healer acts → the dispatcher tells people. Only the first and the third wait for anything, both bounded.
 */
import type {
  OpsAction,
  OpsAlertDetail,
  OpsDelivery,
  OpsMode,
  OpsMonitor,
  OpsObservation,
  OpsReport,
  OpsSeverity,
  OpsStatus,
  OpsTimelineEntry,
} from '../../src-contract/index.ts';
import type { Scope } from '../identity/scope.ts';

/** What was seen at a time. */
export interface Observed {
  at_ms: number;
  observations: readonly OpsObservation[];
  /** Monitors that did not tell all they should: of series of theirs that are missing nothing is known. */
  failed: readonly OpsMonitor[];
}

export interface Observer {
  /** What this process sees for an organisation; never rejects, and takes no longer than the slowest monitor may. */
  observe(org_id: string): Promise<Observed>;
  monitors(): OpsStatus['monitors'];
}

/** One look at everything, by the node that leads. */
export interface Round extends Observed {
  org_id: string;
  /**
   * Milliseconds since the round before by a clock that only grows, no more than two intervals: what lasts is counted by
   * these, so that a computer that slept or whose clock jumps does not fire everything at once.
   */
  elapsed_ms: number;
  mode: OpsMode;
  /** The kill switch: nothing is done by itself. */
  paused: boolean;
}

/** What may become of an alert in a round. */
export const ALERT_CHANGES = [
  'pending',
  'fired',
  'fired_again',
  'clearing',
  'resolved',
  'dropped',
  'escalated',
  'acknowledged',
] as const;

export interface AlertChange {
  what: (typeof ALERT_CHANGES)[number];
  alert: OpsAlertDetail;
  /** Channels that the step of the escalation names. */
  channels: readonly string[];
}

export interface Judge {
  /** Brings the alerts of the organisation up to what the round says, and writes them down. */
  judge(round: Round): readonly AlertChange[];
}

/** Alerts that are not resolved, and what is added to them. */
export interface AlertBook {
  active(org_id: string): readonly OpsAlertDetail[];
  get(org_id: string, alert_id: string): OpsAlertDetail | undefined;
  /** Adds to its timeline. */
  tell(org_id: string, alert_id: string, entry: Omit<OpsTimelineEntry, 'at'>): void;
  /** What the root cause is found to be. */
  setCause(org_id: string, alert_id: string, cause: string): void;
  /** The attempts to mend it are used up: the next round takes the step of the escalation that says so. */
  attemptsUsedUp(org_id: string, alert_id: string): void;
  /** Channels that the steps of the escalation name that were taken, whatever these take otherwise. */
  escalatedTo?(org_id: string, alert: OpsAlertDetail): readonly string[];
  /** A silence holds back what the agent would do about it by itself. */
  actionsHeld(org_id: string, alert_id: string): boolean;
}

export interface Healer {
  /** Begins what is due, looks whether what was done has helped. Bounded in time; never rejects. */
  heal(round: Round, changes: readonly AlertChange[]): Promise<void>;
  /**
   * Does what the node that leads has assigned to this one; called in the rounds of a node that does not lead, and when such
   * an action comes in. Bounded in time; never rejects.
   */
  assist?(org_id: string): Promise<void>;
  /** What was running when this process ended last is interrupted. */
  start(): void;
  stop(): Promise<void>;
}

export interface Dispatcher {
  /** Queues what is to be sent. Sending goes on by itself and holds up nothing. */
  dispatch(round: Round, changes: readonly AlertChange[]): void;
  /** Hands a report to the channels that take reports, or to one; says to which. */
  sendReport(scope: Scope, report: OpsReport, document: { html: string; text: string }, channel?: string): string[];
  start(): void;
  stop(): Promise<void>;
}

export interface Reporter {
  /** Makes the report when one is due. Never rejects. */
  round(org_id: string, at_ms: number): Promise<void>;
}

/** What the desktop app shows as a notification of the system. */
export interface DesktopNote {
  title: string;
  body: string;
  severity: OpsSeverity | null;
  /** Address in the app that a click goes to. */
  path: string;
}

/** Who hears of what is done, for figures. */
export interface OpsObserver {
  rounded(round: { trigger: 'interval' | 'event' | 'person'; isWhole: boolean; seconds: number }): void;
  alerted(change: AlertChange): void;
  /** An action of this process is over. */
  acted(action: OpsAction): void;
  /** What was to be sent from here was sent, or not. */
  deliveredAlert(delivery: OpsDelivery): void;
}
