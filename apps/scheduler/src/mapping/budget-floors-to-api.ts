import type { SetBudgetResponse } from "@ertis/api";
import { toNumber } from "@ertis/quantities";
import type { BudgetFloors, EngineState } from "@ertis/scheduler-engine";
import { affectedJobsMax } from "../limits/limits.ts";
import { ownerOf } from "./curtailment-to-api.ts";

/** What stands in the way of a budget; undefined: nothing does. */
export function budgetFloorsToApi(
  state: EngineState,
  floors: BudgetFloors | undefined,
): Pick<SetBudgetResponse, "smallestWatts" | "floorJobs"> {
  return {
    smallestWatts: floors === undefined ? 0 : toNumber(floors.smallest),
    floorJobs: (floors?.jobs ?? []).slice(0, affectedJobsMax).map((one) => ({
      ...ownerOf(state.jobs.get(one.job), one.job, one.task),
      floorWatts: toNumber(one.takes),
      isTierAtRisk: one.isTierAtRisk,
    })),
  };
}
