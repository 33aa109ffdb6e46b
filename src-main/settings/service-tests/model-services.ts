/** Tries services that speak the API of OpenAI, such as Ollama: the list of models, then one small request to the model. */
import { z } from 'zod';
import { quoted } from '../../alerting/send-failure.ts';
import { askJson, type JsonAnswer } from './json-request.ts';
import {
  numberOf,
  type Passed,
  required,
  ServiceTestFailure,
  type ServiceTestOptions,
  type ServiceValues,
  secretOf,
  textOf,
} from './service-test.ts';

const MAX_MODELS = 500;
const SHOWN_MODELS = 5;

const modelList = z.object({ data: z.array(z.object({ id: z.string().min(1).max(200) })) });
const vectors = z.object({ data: z.array(z.object({ embedding: z.array(z.number()).min(1) })).min(1) });
const completion = z.object({ choices: z.array(z.object({ message: z.object({}) })).min(1) });
/** What services answer when they refuse, in one of these forms. */
const refusal = z.union([
  z.object({ error: z.object({ message: z.string() }) }).transform(({ error }) => error.message),
  z.object({ error: z.string() }).transform(({ error }) => error),
  z.object({ message: z.string() }).transform(({ message }) => message),
  z.object({ detail: z.string() }).transform(({ detail }) => detail),
]);

interface Service {
  /** Up to and without the slash that names of routes follow. */
  base: string;
  host: string;
  api_key: string | null;
  model: string | null;
  signal: AbortSignal;
}

export async function testEmbedding(values: ServiceValues, options: ServiceTestOptions): Promise<Passed> {
  return await withinTime(options, async (signal) => {
    const service = serviceOf(values, 'embedding', signal);
    const models = await readModels(service);
    const model = requireModel(service, models);
    const wanted = numberOf(values, 'embedding.dimensions');
    const body = { model, input: 'Archon', ...(wanted === null ? {} : { dimensions: wanted }) };
    const { answer, latency_ms } = await ask(service, 'embeddings', body, models);
    const found = vectors.safeParse(answer.json).data?.data[0]?.embedding;
    if (found === undefined) throw notTheApi(service, answer, models);
    const dimensions = found.length;
    if (wanted !== null && wanted !== dimensions) {
      throw new ServiceTestFailure(
        `${model} makes vectors of ${dimensions} dimensions, not of ${wanted}: set ${dimensions}, or leave it empty.`,
        { models },
      );
    }
    return { message: `${model} makes vectors of ${dimensions} dimensions.`, models, dimensions, latency_ms };
  });
}

export async function testLlm(values: ServiceValues, options: ServiceTestOptions): Promise<Passed> {
  return await withinTime(options, async (signal) => {
    const service = serviceOf(values, 'llm', signal);
    const models = await readModels(service);
    const model = requireModel(service, models);
    const { answer, latency_ms } = await askForOneToken(service, model, models);
    if (!completion.safeParse(answer.json).success) throw notTheApi(service, answer, models);
    return { message: `${model} answers.`, models, latency_ms };
  });
}

/** @throws ServiceTestFailure when the time is over, whatever it was at */
async function withinTime(
  { timeout_ms, signal }: ServiceTestOptions,
  work: (signal: AbortSignal) => Promise<Passed>,
): Promise<Passed> {
  const late = AbortSignal.timeout(timeout_ms);
  try {
    return await work(signal ? AbortSignal.any([late, signal]) : late);
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof ServiceTestFailure || !late.aborted) throw error;
    throw new ServiceTestFailure(
      `The service did not answer within ${timeout_ms / 1000} s: check host and port of the URL; a large model may still be loading.`,
      { cause: error },
    );
  }
}

function serviceOf(values: ServiceValues, section: 'embedding' | 'llm', signal: AbortSignal): Service {
  if (values[`${section}.provider`] === 'none') throw new ServiceTestFailure('Choose a service first.');
  const given = required(values, `${section}.url`, 'Enter the URL of the service first.');
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    throw new ServiceTestFailure('The URL is none: it begins with http:// or https://.');
  }
  if (url.username !== '' || url.password !== '') {
    throw new ServiceTestFailure('The URL holds a user or password: take them out, and set the API key instead.');
  }
  return {
    base: `${url.origin}${url.pathname.replace(/\/+$/, '')}`,
    host: url.host,
    api_key: secretOf(values, `${section}.api_key`),
    model: textOf(values, `${section}.model`),
    signal,
  };
}

const routeOf = ({ base }: Service, name: string): URL => new URL(`${base}/${name}`);

/** Null: the service does not tell; the model may be there all the same. */
async function readModels(service: Service): Promise<string[] | null> {
  const { api_key, signal } = service;
  const answer = await askJson({ url: routeOf(service, 'models'), api_key, signal });
  requireAccess(service, answer);
  if (answer.status === 404 || answer.status === 405) return null;
  if (answer.status >= 400) throw refused(service, answer, null);
  const list = modelList.safeParse(answer.json).data;
  if (list === undefined) throw notTheApi(service, answer, null);
  return [...new Set(list.data.map(({ id }) => id))].sort().slice(0, MAX_MODELS);
}

function requireModel({ model, host }: Service, models: string[] | null): string {
  if (model !== null) return model;
  if (models === null) throw new ServiceTestFailure(`${host} does not tell its models: enter the name of one.`);
  if (models.length === 0)
    throw new ServiceTestFailure(`${host} answers, but has no model: add one there.`, { models });
  throw new ServiceTestFailure(`${host} answers. Choose one of its models: ${some(models)}.`, { models });
}

/** Newer models name the limit otherwise. */
async function askForOneToken(service: Service, model: string, models: string[] | null): Promise<Asked> {
  const body = { model, messages: [{ role: 'user', content: 'Say yes.' }] };
  const first = await asked(service, 'chat/completions', { ...body, max_tokens: 1 });
  const again = first.answer.status === 400 && first.answer.text.includes('max_completion_tokens');
  const last = again ? await asked(service, 'chat/completions', { ...body, max_completion_tokens: 1 }) : first;
  return accepted(service, last, models);
}

interface Asked {
  answer: JsonAnswer;
  latency_ms: number;
}

async function ask(service: Service, route: string, body: object, models: string[] | null): Promise<Asked> {
  return accepted(service, await asked(service, route, body), models);
}

async function asked(service: Service, route: string, body: object): Promise<Asked> {
  const { api_key, signal } = service;
  const began = performance.now();
  const answer = await askJson({ url: routeOf(service, route), api_key, body, signal });
  return { answer, latency_ms: Math.round(performance.now() - began) };
}

/** @throws ServiceTestFailure unless it was done */
function accepted(service: Service, done: Asked, models: string[] | null): Asked {
  const { answer } = done;
  requireAccess(service, answer);
  if (answer.status >= 400) throw refused(service, answer, models);
  return done;
}

function requireAccess({ host, api_key }: Service, { status }: JsonAnswer): void {
  if (status !== 401 && status !== 403) return;
  const toDo = api_key === null ? 'it asks for an API key: set one' : 'check the API key';
  throw new ServiceTestFailure(`${host} refuses (${status}): ${toDo}.`);
}

function refused(service: Service, answer: JsonAnswer, models: string[] | null): ServiceTestFailure {
  const { host, model } = service;
  const { status } = answer;
  const reason = refusal.safeParse(answer.json).data;
  const said = reason === undefined ? '' : ` It said: ${quoted(reason)}`;
  const fail = (message: string) => new ServiceTestFailure(message, { models });
  if (status === 404 || (status === 400 && /model/i.test(reason ?? ''))) {
    if (reason === undefined && models === null) return notTheApi(service, answer, models);
    const others = models === null || models.length === 0 ? '' : ` It has ${some(models)}.`;
    return fail(`${host} does not do this with the model ${model} (${status}): choose another one.${others}${said}`);
  }
  if (status === 429) return fail(`${host} takes no more for now (429): wait, or look whether it is paid for.${said}`);
  if (status >= 500) return fail(`${host} failed (${status}): look into its log.${said}`);
  return fail(`${host} answers with ${status}.${said}`);
}

function notTheApi({ host, base }: Service, { status, text }: JsonAnswer, models: string[] | null): ServiceTestFailure {
  const what = /^\s*</.test(text) ? 'a web page' : 'something else';
  const hint = base.endsWith('/v1') ? '' : ' It often ends with /v1.';
  return new ServiceTestFailure(
    `${host} answers with ${what} (${status}), not as the API of OpenAI does: check the path of the URL.${hint}`,
    { models },
  );
}

function some(models: readonly string[]): string {
  const more = models.length - SHOWN_MODELS;
  return `${models.slice(0, SHOWN_MODELS).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
