import type { PowerDomain } from "@ertis/site-model";
import { toNumber } from "@ertis/quantities";

/** Exactly, for a figure that somebody compares with a file: `445.2 kW`, `49.5585 MW`, `930 W`. */
export function exactPower(powerWatts: number): string {
  for (const [unit, unitWatts] of [
    ["MW", 1_000_000],
    ["kW", 1_000],
  ] as const) {
    if (powerWatts >= unitWatts * (unit === "MW" ? 10 : 1)) {
      const digits = String(powerWatts % unitWatts).padStart(String(unitWatts).length - 1, "0");
      const fraction = digits.replace(/0+$/, "");
      return `${Math.floor(powerWatts / unitWatts)}${fraction === "" ? "" : `.${fraction}`} ${unit}`;
    }
  }
  return `${powerWatts} W`;
}

/** `2 × 550 kW, 2N, derated to 80 %`: what a usable limit was made of. */
export function suppliesText(domain: PowerDomain): string {
  const supplies = domain.supplyWatts.map(toNumber);
  const runs: { readonly eachWatts: number; count: number }[] = [];
  for (const eachWatts of supplies) {
    const last = runs.at(-1);
    if (last?.eachWatts === eachWatts) {
      last.count += 1;
    } else {
      runs.push({ eachWatts, count: 1 });
    }
  }
  const all = runs
    .map(({ eachWatts, count }) => `${count > 1 ? `${count} × ` : ""}${exactPower(eachWatts)}`)
    .join(" and ");
  const survivingWatts = surviving(domain, supplies);
  const usableWatts = toNumber(domain.usableWatts);
  const percent = Math.round((usableWatts / survivingWatts) * 10_000) / 100;
  return [
    all,
    domain.redundancy === "none"
      ? "no redundancy"
      : `${domain.redundancy}, so ${exactPower(survivingWatts)} after any single failure`,
    ...(usableWatts === survivingWatts ? [] : [`derated to ${percent} %`]),
  ].join(", ");
}

function surviving({ redundancy }: PowerDomain, supplies: readonly number[]): number {
  const sum = (part: readonly number[]): number => part.reduce((total, one) => total + one, 0);
  switch (redundancy) {
    case "none":
      return sum(supplies);
    case "N+1":
    case "distributed":
      return sum(supplies) - Math.max(...supplies);
    case "2N": {
      const half = supplies.length / 2;
      return Math.min(sum(supplies.slice(0, half)), sum(supplies.slice(half)));
    }
  }
}
