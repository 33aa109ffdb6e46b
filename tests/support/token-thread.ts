/**
 * A thread that counts the tokens of each text it is sent and gives the text back from them. Coverage makes such loops
 * four times as slow, and is not measured in threads.
 */
import { parentPort } from 'node:worker_threads';
import { countTokens, decodeTokens, firstTokens } from '../../src-main/memory/o200k.ts';

export interface CountedText {
  given_back: boolean;
  tokens: number;
  counted: number;
}

parentPort?.on('message', (text: string) => {
  const tokens = firstTokens(text, Number.POSITIVE_INFINITY);
  const counted: CountedText = {
    given_back: decodeTokens(tokens) === text,
    tokens: tokens.length,
    counted: countTokens(text),
  };
  parentPort?.postMessage(counted);
});
