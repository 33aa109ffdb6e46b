/** Tries the services of a section as they are set, or as they would be once saved. */
import { FlaskConical } from 'lucide-react';
import { useState } from 'react';
import type { ServiceTest, SettingValue, TestableService } from '../../../../../src-contract/index.ts';
import { client } from '../../../../rpc/client.ts';
import { problemOf } from '../../../../rpc/errors.ts';
import { Button } from '../../../../ui/Button.tsx';
import { cx } from '../../../../ui/classes.ts';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { duration } from '../../../../ui/duration.ts';
import { number, plural } from '../../../../ui/format.ts';
import { TEST_TITLES } from '../model/sections.ts';

/** Of many, so many models are named. */
const MODELS_SHOWN = 30;

export type TestResult = { kind: 'told'; test: ServiceTest } | { kind: 'failed'; message: string };
export type TestResults = Partial<Record<TestableService, TestResult>>;

export interface ServiceTestsProps {
  services: readonly TestableService[];
  /** What is typed and right, but not saved. */
  values: Readonly<Record<string, SettingValue>>;
  results: TestResults;
  onResult(service: TestableService, result: TestResult): void;
  /** Takes a model that the service offers; undefined where none can be set. */
  onModel?: ((service: TestableService, model: string) => void) | undefined;
}

export function ServiceTests({ services, values, results, onResult, onModel }: ServiceTestsProps) {
  return (
    <div className="divide-y divide-line border-line border-t">
      {services.map((service) => (
        <TestRow
          key={service}
          service={service}
          values={values}
          result={results[service]}
          onResult={(result) => onResult(service, result)}
          onModel={onModel && ((model) => onModel(service, model))}
        />
      ))}
    </div>
  );
}

interface TestRowProps {
  service: TestableService;
  values: Readonly<Record<string, SettingValue>>;
  result: TestResult | undefined;
  onResult(result: TestResult): void;
  onModel: ((model: string) => void) | undefined;
}

function TestRow({ service, values, result, onResult, onModel }: TestRowProps) {
  const [busy, setBusy] = useState(false);
  const isUnsaved = Object.keys(values).length > 0;
  const run = async () => {
    setBusy(true);
    try {
      onResult({ kind: 'told', test: await client.settings.test({ service, values: { ...values } }) });
    } catch (error) {
      onResult({ kind: 'failed', message: problemOf(error).message });
    }
    setBusy(false);
  };
  return (
    <div className="space-y-2 px-4 py-3">
      <div className="flex items-center gap-3">
        <Button size="small" icon={<FlaskConical className="size-3.5" />} busy={busy} onClick={() => void run()}>
          {TEST_TITLES[service]}
        </Button>
        <span className="text-faint text-xs">
          {isUnsaved ? 'With what is typed here, saved or not.' : 'As it is set.'}
        </span>
      </div>
      {result !== undefined && (
        <section role="status" aria-label={`Result: ${TEST_TITLES[service]}`} className="space-y-1 text-xs">
          {result.kind === 'failed' ? (
            <p className="content-text text-bad">{result.message}</p>
          ) : (
            <Told test={result.test} onModel={onModel} />
          )}
        </section>
      )}
    </div>
  );
}

function Told({ test, onModel }: { test: ServiceTest; onModel: ((model: string) => void) | undefined }) {
  const { ok, message, latency_ms, models, dimensions } = test;
  const facts = [
    latency_ms === null ? '' : duration(latency_ms),
    dimensions === null ? '' : `${number(dimensions)} dimensions`,
  ].filter((fact) => fact !== '');
  return (
    <>
      <p className={cx('content-text', ok ? 'text-ok' : 'text-bad')}>
        {visibleText(message)}
        {facts.length > 0 && <span className="text-muted"> · {facts.join(' · ')}</span>}
      </p>
      {models !== null && models.length > 0 && (
        <div className="flex flex-wrap items-center gap-1">
          <span className="text-faint">It offers {plural(models.length, 'model')}:</span>
          {models.slice(0, MODELS_SHOWN).map((model) =>
            onModel === undefined ? (
              <code key={model} className="font-mono">
                {visibleText(model)}
              </code>
            ) : (
              <button
                key={model}
                type="button"
                aria-label={`Use ${model}`}
                onClick={() => onModel(model)}
                className="one-line max-w-64 rounded border border-line bg-raised px-1.5 font-mono hover:border-line-strong hover:bg-hover"
              >
                {visibleText(model)}
              </button>
            ),
          )}
          {models.length > MODELS_SHOWN && <span className="text-faint">and {models.length - MODELS_SHOWN} more</span>}
        </div>
      )}
    </>
  );
}
