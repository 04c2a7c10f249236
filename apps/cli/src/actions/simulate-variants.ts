import {
  type FeedWatts,
  feedWattsOf,
  type SimulationRequest,
  type TextFile,
} from "@ertis/simulator";
import { parseWatts, toNumber } from "@ertis/quantities";
import { showWatts, showWattsUp } from "../output/format.ts";
import type { SimulateFlags } from "./simulate.ts";
import { UsageError } from "../usage-error.ts";

/** A run with the name under which it is shown. */
export interface Variant {
  readonly title: string;
  readonly request: SimulationRequest;
  /** What stands on its command line for what the first run has. */
  readonly changes: Pick<SimulateFlags, "site" | "budget">;
}

/** A ceiling as it was written; what it comes to may depend on the limit of the feed. */
export interface Budget {
  readonly of: (limitWatts: number) => number;
}

/** Reads `250 kW` or `80 %`. */
export function readBudget(text: string): Budget {
  const share = /^(\d{1,3}(?:\.\d{1,3})?)\s?%$/.exec(text.trim())?.[1];
  if (share !== undefined) {
    return { of: (limitWatts) => Math.floor((limitWatts * Number(share)) / 100) };
  }
  const read = parseWatts(text);
  if (read.kind === "error") {
    throw new UsageError(
      `--budget: ${read.message}`,
      "a share of the feed's limit, as 80%, will do too",
    );
  }
  const watts = toNumber(read.value);
  return { of: () => watts };
}

/** What was asked for and cannot be: never rounded to what could. */
export function showAsked(budgetWatts: number): string {
  return budgetWatts > 0 ? showWattsUp(budgetWatts) : "nothing";
}

/** As a site file with such a ceiling is refused: no job would ever start. */
export function checkCarriesIdle(
  says: string,
  budgetWatts: number,
  { idleWatts, limitWatts, nodeCount }: FeedWatts,
  { file }: TextFile,
): void {
  if (budgetWatts < idleWatts) {
    throw new UsageError(
      `${says} ${showAsked(budgetWatts)}, which cannot carry ${showWattsUp(idleWatts)}, the fixed load and the idle draw of the ${nodeCount} nodes of ${file}`,
      `give more than that, and at most ${showWatts(limitWatts)}, what its feed may carry`,
    );
  }
}

/** The second run: another site file, another budget, or so many watts more or less. */
export function variantOf(
  what: string,
  request: SimulationRequest,
  read: (file: string) => TextFile,
): Variant {
  const change = /^([+-])(.+)$/.exec(what.trim());
  const isPower = /^[+-]?\d[\d.]*\s*([kMG]?W|%)$/.test(what.trim());
  if (!isPower) {
    return {
      title: `With ${what}`,
      request: { ...request, site: read(what) },
      changes: { site: what },
    };
  }
  const feed = feedWattsOf(request.site);
  const { limitWatts = 0 } = feed ?? {};
  const wattsBefore = request.feedBudgetWatts ?? limitWatts;
  const asked = readBudget(change?.[2] ?? what).of(limitWatts);
  const sign = change === null ? 0 : change[1] === "+" ? 1 : -1;
  const feedBudgetWatts = sign === 0 ? asked : wattsBefore + sign * asked;
  if (feedBudgetWatts > limitWatts || feedBudgetWatts <= 0) {
    throw new UsageError(
      `--compare ${what}: the second run would have ${showAsked(feedBudgetWatts)}, the feed of ${request.site.file} may carry ${showWatts(limitWatts)}`,
      sign > 0
        ? "without --budget the first run has all of that: give it a lower --budget, or compare with a site file that has a higher limit"
        : "give the first run a lower --budget, or compare with a site file that has a higher limit",
    );
  }
  if (feed !== undefined) {
    checkCarriesIdle(
      `--compare ${what}: the second run would have`,
      feedBudgetWatts,
      feed,
      request.site,
    );
  }
  const written = (change?.[2] ?? what).trim().replace(/\s*(?=[kMG]?W$|%$)/, " ");
  return {
    title: `With ${written}${sign === 0 ? "" : sign > 0 ? " more" : " less"}`,
    request: { ...request, feedBudgetWatts },
    changes: { budget: `${feedBudgetWatts}W` },
  };
}
