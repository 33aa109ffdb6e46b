/** What the ops agent keeps, by kind. Documents are what the contract shows, or made for it. */
import type {
  OpsAction,
  OpsAlertDetail,
  OpsDelivery,
  OpsLabels,
  OpsObservation,
  OpsPause,
  OpsRecommendation,
  OpsReport,
  OpsRuleDraft,
  OpsSilence,
} from '../../../src-contract/index.ts';

/** A rule as a person set it: one that was added, or one of ours that was changed. */
export interface RuleDocument {
  draft: OpsRuleDraft;
  by: string;
  at: string;
}

/** A channel with its secrets sealed. */
export interface ChannelDocument {
  /** Of `OpsChannelDraft`, without secrets in clear. */
  draft: unknown;
  /** By name, as the `SecretBox` seals them. */
  sealed: Record<string, string>;
  by: string;
  at: string;
}

/** What a message tells of an alert. */
export interface DeliveryItem {
  alert_id: string;
  about: 'firing' | 'repeat' | 'escalated' | 'resolved';
}

/** A message that is to be sent or was, with what only the notifier knows of it. */
export interface DeliveryDocument extends OpsDelivery {
  work: {
    /** The rule it is about; null when it tells of several together. */
    rule_id: string | null;
    items: DeliveryItem[];
    /** It was handed over to be sent: what comes up later is a message of its own. */
    begun: boolean;
    attempts: number;
    /** The process that sends it now, and until when nobody else may. */
    claim: { node: string; until_ms: number } | null;
    /** Channels that failed before, when it is sent in their place. */
    tried: string[];
    /** What is sent of a report; null once it is over. */
    report: { html: string; text: string } | null;
  };
}

export interface ToldEntry {
  state: 'wanted' | 'told' | 'failed';
  at_ms: number;
  escalation: number;
  named: boolean;
  /** When the last message of it failed for good; left out when it did not. */
  failed_ms?: number;
}

/**
 * What people were told of the alerts of a rule through a channel. `wanted`: a step of an escalation names the channel;
 * `failed`: it could not be told.
 */
export interface ToldDocument {
  channel_id: string;
  rule_id: string;
  last_sent_ms: number | null;
  /** By id of the alert. */
  alerts: Record<string, ToldEntry>;
}

/** How a channel does. */
export interface ChannelUseDocument {
  channel_id: string;
  /** When messages were handed over in the last hour. */
  begun_ms: number[];
  /** When messages were taken in the last hour. */
  sent_ms: number[];
  last_sent_at: string | null;
  last_failure: { at: string; error: string } | null;
}

/** What a node observed of itself, for the one that leads. */
export interface NodeDocument {
  node: string;
  at_ms: number;
  observations: OpsObservation[];
  failed: string[];
}

/** An alert with what its judge counts by; readers leave that alone. */
export type AlertDocument = OpsAlertDetail & { inner?: AlertInner };

export interface AlertInner {
  /** Labels of the series alone, without those that the rule adds. */
  series: OpsLabels;
  /** Milliseconds that the condition was seen to hold before it fired. */
  held_ms: number;
  /** Milliseconds that it was seen to fire. */
  firing_ms: number;
  /** Milliseconds that the condition was seen not to hold, while it clears. */
  clear_ms: number;
  /** Places in the escalation of the rule that were taken. */
  steps: number[];
  attempts_used_up: boolean;
  /** The cause was found, rather than told by the monitor. */
  cause_found: boolean;
  /** How often it had come again when it began; left out by versions before. */
  repeats?: number;
}

/** What is kept beside an alert, so that a person's word is not lost when the leader writes the alert. */
export interface RemarkDocument {
  alert_id: string;
  kind: 'acknowledged' | 'unacknowledged' | 'noted';
  text: string | null;
  by: string;
  at: string;
}

/** What a person decided about an action that asks. */
export interface DecisionDocument {
  action_id: string;
  approved: boolean;
  reason: string | null;
  by: string;
  at: string;
}

/** Up to when reports were made by themselves: one that a person removed is not made again. */
export interface ReportMarkDocument {
  reported_until: string;
}

export interface Documents {
  alert: AlertDocument;
  remark: RemarkDocument;
  silence: Omit<OpsSilence, 'status' | 'silenced'>;
  action: OpsAction;
  decision: DecisionDocument;
  delivery: DeliveryDocument;
  /** Of a rule and a channel. */
  told: ToldDocument;
  channel_use: ChannelUseDocument;
  rule: RuleDocument;
  channel: ChannelDocument;
  recommendation: OpsRecommendation;
  report: OpsReport;
  report_mark: ReportMarkDocument;
  pause: OpsPause;
  node: NodeDocument;
}
export type RecordKind = keyof Documents;
