/** Does the work of a batch at once, so that round trips do not add up; answers in the order of the items. */
export async function inBatches<Item, Answer>(
  items: readonly Item[],
  size: number,
  work: (item: Item) => Promise<Answer>,
): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (let from = 0; from < items.length; from += size) {
    answers.push(...(await Promise.all(items.slice(from, from + size).map(work))));
  }
  return answers;
}
