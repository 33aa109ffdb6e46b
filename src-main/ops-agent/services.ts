/** What the API asks the ops agent for. */
import type { Outputs, ParsedInputs } from '../../src-contract/index.ts';
import type { Scope } from '../identity/scope.ts';
import type { DesktopNote } from './parts.ts';

type In<D extends keyof ParsedInputs, R extends keyof ParsedInputs[D]> = ParsedInputs[D][R];
type Out<D extends keyof Outputs, R extends keyof Outputs[D]> = Outputs[D][R];

export interface AgentService {
  status(scope: Scope): Out<'ops', 'status'>;
  signals(scope: Scope): Out<'ops', 'signals'>;
  /** @throws ArchonError CONFLICT where no agent runs */
  run(scope: Scope): Promise<Out<'ops', 'run'>>;
  pause(scope: Scope, input: In<'ops', 'pause'>): Out<'ops', 'pause'>;
  resume(scope: Scope): Out<'ops', 'resume'>;
}

export interface RulesService {
  list(scope: Scope): Out<'opsRules', 'list'>;
  create(scope: Scope, input: In<'opsRules', 'create'>): Promise<Out<'opsRules', 'create'>>;
  update(scope: Scope, input: In<'opsRules', 'update'>): Promise<Out<'opsRules', 'update'>>;
  remove(scope: Scope, input: In<'opsRules', 'remove'>): Promise<Out<'opsRules', 'remove'>>;
  preview(scope: Scope, input: In<'opsRules', 'preview'>): Promise<Out<'opsRules', 'preview'>>;
}

export interface AlertsService {
  list(scope: Scope, input: In<'opsAlerts', 'list'>): Promise<Out<'opsAlerts', 'list'>>;
  get(scope: Scope, alert_id: string): Out<'opsAlerts', 'get'>;
  acknowledge(scope: Scope, input: In<'opsAlerts', 'acknowledge'>): Out<'opsAlerts', 'acknowledge'>;
  unacknowledge(scope: Scope, alert_id: string): Out<'opsAlerts', 'unacknowledge'>;
  note(scope: Scope, input: In<'opsAlerts', 'note'>): Out<'opsAlerts', 'note'>;
  silences(scope: Scope): Out<'opsAlerts', 'silences'>;
  silence(scope: Scope, input: In<'opsAlerts', 'silence'>): Out<'opsAlerts', 'silence'>;
  endSilence(scope: Scope, silence_id: string): Out<'opsAlerts', 'endSilence'>;
}

export interface ActionsService {
  list(scope: Scope, input: In<'opsActions', 'list'>): Promise<Out<'opsActions', 'list'>>;
  get(scope: Scope, action_id: string): Out<'opsActions', 'get'>;
  remediators(scope: Scope): Promise<Out<'opsActions', 'remediators'>>;
  preview(scope: Scope, input: In<'opsActions', 'preview'>): Promise<Out<'opsActions', 'preview'>>;
  run(scope: Scope, input: In<'opsActions', 'run'>): Promise<Out<'opsActions', 'run'>>;
  approve(scope: Scope, action_id: string): Promise<Out<'opsActions', 'approve'>>;
  reject(scope: Scope, input: In<'opsActions', 'reject'>): Out<'opsActions', 'reject'>;
  recommendations(scope: Scope): Out<'opsActions', 'recommendations'>;
  apply(scope: Scope, recommendation_id: string): Promise<Out<'opsActions', 'apply'>>;
  dismiss(scope: Scope, input: In<'opsActions', 'dismiss'>): Out<'opsActions', 'dismiss'>;
}

export interface ChannelsService {
  list(scope: Scope): Out<'opsChannels', 'list'>;
  create(scope: Scope, input: In<'opsChannels', 'create'>): Promise<Out<'opsChannels', 'create'>>;
  update(scope: Scope, input: In<'opsChannels', 'update'>): Promise<Out<'opsChannels', 'update'>>;
  remove(scope: Scope, input: In<'opsChannels', 'remove'>): Promise<Out<'opsChannels', 'remove'>>;
  test(scope: Scope, input: In<'opsChannels', 'test'>): Promise<Out<'opsChannels', 'test'>>;
  deliveries(scope: Scope, input: In<'opsChannels', 'deliveries'>): Promise<Out<'opsChannels', 'deliveries'>>;
}

export interface ReportsService {
  list(scope: Scope, input: In<'opsReports', 'list'>): Out<'opsReports', 'list'>;
  get(scope: Scope, report_id: string): Out<'opsReports', 'get'>;
  create(scope: Scope): Promise<Out<'opsReports', 'create'>>;
  remove(scope: Scope, report_id: string): Out<'opsReports', 'remove'>;
  document(scope: Scope, input: In<'opsReports', 'document'>): Out<'opsReports', 'document'>;
  send(scope: Scope, input: In<'opsReports', 'send'>): Out<'opsReports', 'send'>;
}

export interface OpsServices {
  agent: AgentService;
  rules: RulesService;
  alerts: AlertsService;
  actions: ActionsService;
  channels: ChannelsService;
  reports: ReportsService;
  /**
   * Brings notes of other nodes here and those of here to them, within a few seconds: where an agent runs it does so by itself.
   *
   * @returns how many of here nobody else has yet
   */
  share(): Promise<number>;
  /** The desktop app shows what it is told. */
  onDesktopNote(listener: (note: DesktopNote) => void): () => void;
}
