const factors: Readonly<Record<string, number>> = {
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
};

/** A Kubernetes quantity as a whole number: `5`, `"120000"`, `"120k"`. Undefined for fractions and other text. */
export function parseQuantity(value: string | number): number | undefined {
  const [, digits, suffix = ""] = /^(\d+)([kMG]i?|Ki)?$/.exec(`${value}`) ?? [];
  const factor = factors[suffix];
  return digits === undefined || factor === undefined ? undefined : Number(digits) * factor;
}
