/** The window that is shown instead of the app when the engine cannot start. */
import type { BrowserWindow, BrowserWindowConstructorOptions } from 'electron';
import type { Finding } from '../../../src-contract/index.ts';
import { failed, messageOf } from '../../doctor/check.ts';
import { assertNever } from '../../errors.ts';
import { APP_NAME } from '../identity.ts';
import { securePreferences } from '../security/web-preferences.ts';
import {
  actionOf,
  type DoctorState,
  PROBLEM_STYLE,
  PROBLEM_URL,
  type ProblemAction,
  problemPage,
} from './problem-page.ts';
import { explainStartProblem, type StartProblem } from './start-problem.ts';

export interface ProblemWindowOptions {
  create: (options: BrowserWindowConstructorOptions) => BrowserWindow;
  dataDir: () => string;
  runChecks: () => Promise<readonly Finding[]>;
  retry: () => void;
  openLogs: () => void;
  /** Lets the person choose another data folder, then tries again. */
  chooseFolder: () => Promise<void>;
  quit: () => void;
  onError: (error: unknown) => void;
}

export class ProblemWindow {
  readonly #options: ProblemWindowOptions;
  #window: BrowserWindow | undefined;
  #problem: StartProblem | undefined;
  #doctor: DoctorState = { state: 'not-run' };

  constructor(options: ProblemWindowOptions) {
    this.#options = options;
  }

  get window(): BrowserWindow | undefined {
    return this.#window;
  }

  /** Files of the page, for the protocol. */
  file(pathname: string): { body: string; content_type: string } | undefined {
    if (pathname === '/problem.css') return { body: PROBLEM_STYLE, content_type: 'text/css; charset=utf-8' };
    if (pathname !== '/' || this.#problem === undefined) return undefined;
    const body = problemPage(this.#problem, this.#options.dataDir(), this.#doctor);
    return { body, content_type: 'text/html; charset=utf-8' };
  }

  show(error: unknown): void {
    this.#problem = explainStartProblem(error);
    this.#doctor = { state: 'not-run' };
    this.#window ??= this.#open();
    this.#load();
  }

  focus(): void {
    if (this.#window?.isMinimized()) this.#window.restore();
    this.#window?.show();
    this.#window?.focus();
  }

  close(): void {
    const window = this.#window;
    this.#window = undefined;
    window?.destroy();
  }

  #open(): BrowserWindow {
    const window = this.#options.create({
      width: 900,
      height: 640,
      minWidth: 520,
      minHeight: 400,
      show: false,
      title: `${APP_NAME} could not start`,
      backgroundColor: '#0b0a12',
      darkTheme: true,
      autoHideMenuBar: true,
      webPreferences: securePreferences(undefined),
    });
    window.once('ready-to-show', () => window.show());
    window.webContents.on('will-navigate', (event) => {
      event.preventDefault();
      const action = actionOf(event.url);
      if (action !== undefined) this.#act(action);
    });
    window.on('closed', () => {
      if (this.#window !== window) return;
      this.#window = undefined;
      this.#options.quit();
    });
    return window;
  }

  #act(action: ProblemAction): void {
    const { retry, openLogs, chooseFolder, quit, onError } = this.#options;
    switch (action) {
      case 'retry':
        retry();
        break;
      case 'doctor':
        this.#check().catch(onError);
        break;
      case 'logs':
        openLogs();
        break;
      case 'folder':
        chooseFolder().catch(onError);
        break;
      case 'quit':
        quit();
        break;
      default:
        assertNever(action);
    }
  }

  async #check(): Promise<void> {
    if (this.#doctor.state === 'running') return;
    this.#doctor = { state: 'running' };
    this.#load();
    const findings = await this.#options.runChecks().catch((error) => {
      this.#options.onError(error);
      return [{ ...failed('checks', messageOf(error), 'Correct this first; then the checks can run.'), fix: null }];
    });
    this.#doctor = { state: 'done', findings };
    this.#load();
  }

  #load(): void {
    // A load that another one replaces is no failure (ERR_ABORTED).
    this.#window?.loadURL(PROBLEM_URL).catch((error) => {
      if (error?.code !== 'ERR_ABORTED') this.#options.onError(error);
    });
  }
}
