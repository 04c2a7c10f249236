/** One of a list that is not empty, each as likely. */
export function pickOne<T>(list: readonly T[], random: () => number): T {
  const one = list[Math.floor(random() * list.length)];
  if (one === undefined) {
    throw new RangeError("nothing to pick from");
  }
  return one;
}
