import { workCounted } from "@ertis/power-planning";

/** So many jobs are looked at in plans until nothing more is looked for: less than half a second. */
const workMax = 1_000_000;

/** When a curtailment is asked about, and how much of what is possible instead is looked for where it is refused. */
export interface Looking {
  readonly nowMs: number;
  /** `whether`: only is it accepted; `smallest`: a target that is, too; `all`: and what giving floors up would free. */
  readonly wants: "whether" | "smallest" | "all";
  /**
   * It has taken long enough: what is found by then is told, and that it may not be all. Counted in work and not in time, so
   * that it is the same whenever it is decided again.
   */
  readonly isSpent: () => boolean;
  /** For one question of several, a part of what is left. */
  readonly part: (of: number, wants?: Looking["wants"]) => Looking;
}

/** For one answer. */
export function lookingFrom(nowMs: number): Looking {
  return lookingUntil(nowMs, "all", workCounted() + workMax);
}

/** Nothing is looked for. */
export function onlyWhether(nowMs: number): Looking {
  return lookingUntil(nowMs, "whether", 0);
}

function lookingUntil(nowMs: number, wants: Looking["wants"], untilWork: number): Looking {
  return {
    nowMs,
    wants,
    isSpent: () => workCounted() >= untilWork,
    part: (of, wanted = wants) => {
      const counted = workCounted();
      return lookingUntil(nowMs, wanted, counted + Math.max(0, untilWork - counted) * of);
    },
  };
}
