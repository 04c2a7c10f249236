import { toNumber } from "@ertis/quantities";
import { curtailmentScheduled } from "../../apply/curtailments.ts";
import { reservationDropped, reservationMade } from "../../apply/power.ts";
import { withPromisesUndone } from "../../power/what-if/promises-undone.ts";
import { isBelow } from "../../power/shedding/effects.ts";
import { refreshHorizons } from "../../power/horizons.ts";
import { givesMoreFromMs } from "../../power/recovery.ts";
import { type CurtailmentForecast, forecastCurtailment } from "./forecast.ts";
import { type Infeasible } from "./forecast-refusal.ts";
import { type Looking, onlyWhether } from "./looking.ts";
import { backFromPauseMs } from "../../placement/back-from-pause.ts";
import { known } from "../../state/assert.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Reservation, SiteState } from "../../state/site-state.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import type { Event, PauseToCome } from "../../words/event.ts";
import type { JobNumber } from "../../words/job-spec.ts";
import type { MovedPromise } from "../../words/reply.ts";
import { partOf } from "../queue/go-on-with.ts";
import type { Promising } from "../queue/head.ts";
import { movePromises, promisesAt } from "../queue/moved-promises.ts";

/** Of more jobs a forecast takes longer than what is looked for with it. */
const forecastTwiceJobsMax = 300;

/** What a curtailment does, and to which promised starts. */
export interface BesidePromises {
  readonly forecast: CurtailmentForecast | Infeasible;
  /** Whose promised starts it leaves room for, but whose nodes have to sleep so that floors are kept. */
  readonly letGo: readonly JobNumber[];
  /** Who pauses for it as it is foreseen: starts on their nodes come after them. */
  readonly pauses: readonly PauseToCome[];
  /** Theirs, and those that it leaves no room for. */
  readonly moved: readonly MovedPromise[];
}

/**
 * A curtailment as it would be beside the starts that are promised. They are kept where every floor is, too, with
 * their nodes on; of those that stand in its way as few as possible are let go, of the lowest classes and the last
 * first. Who is moved is moved to when its nodes have slept through it.
 */
export function besidePromises(
  state: EngineState,
  curtailment: Curtailment,
  looking: Looking,
): BesidePromises {
  const site = known(state.sites.get(curtailment.site), "site of a curtailment");
  const mayLetGo = promisesInTheWay(state, site, curtailment);
  if (mayLetGo.length === 0) {
    return tried(state, curtailment, looking, []);
  }
  // What is possible instead is looked for once: of few jobs when it is known who is let go, of many with the first forecast.
  const whether = onlyWhether(looking.nowMs);
  const isMany = site.attempts.size > forecastTwiceJobsMax;
  const kept = tried(state, curtailment, isMany ? looking : whether, []);
  const found = fewestLetGo((letGo) => tried(state, curtailment, whether, letGo), kept, mayLetGo);
  const isTold = isKept(found) || looking.wants === "whether" || (isMany && found === kept);
  return isTold ? found : tried(state, curtailment, looking, found.letGo);
}

function fewestLetGo(
  tryWith: (letGo: readonly JobNumber[]) => BesidePromises,
  kept: BesidePromises,
  mayLetGo: readonly JobNumber[],
): BesidePromises {
  const movedAnyway = kept.moved.map((one) => one.job);
  const inTheWay = isKept(kept) ? [] : mayLetGo.filter((job) => !movedAnyway.includes(job));
  if (inTheWay.length === 0) {
    return kept;
  }
  let best = tryWith(inTheWay);
  for (const job of isKept(best) ? inTheWay : []) {
    const fewer = best.letGo.filter((one) => one !== job);
    const found = fewer.length === 0 ? kept : tryWith(fewer);
    best = isKept(found) ? found : best;
  }
  return best;
}

function isKept({ forecast }: BesidePromises): boolean {
  return forecast.kind === "forecast";
}

export interface Announcement extends Pick<BesidePromises, "letGo" | "pauses"> {
  readonly curtailment: Curtailment;
}

/** Announces a curtailment, with the starts that it moves or that are let go for it. */
export function announceBeside(
  deciding: Promising,
  { curtailment, letGo, pauses }: Announcement,
): readonly MovedPromise[] {
  const { state } = deciding;
  const before = promisesAt(state, curtailment.site);
  const foreseen = pauses.length === 0 ? {} : { foreseen: pauses };
  deciding.emit({ kind: "curtailment-scheduled", curtailment, ...foreseen });
  for (const job of letGo) {
    deciding.emit({ kind: "reservation-dropped", job });
  }
  for (const one of promisesAt(state, curtailment.site)) {
    // One whose nodes sleep could be promised only for when all of them are back: it gives way to floors alone.
    if (one.nodesOffCount === 0 && backFromPauseMs(state, one) > one.startAtMs) {
      deciding.emit({ kind: "reservation-dropped", job: one.job });
    }
  }
  return movePromises({ ...deciding, announced: curtailment }, before);
}

/** It is announced, its promises move, and it is planned beside what is promised then; all of it is taken back. */
function tried(
  state: EngineState,
  curtailment: Curtailment,
  looking: Looking,
  letGo: readonly JobNumber[],
): BesidePromises {
  if (promisesAt(state, curtailment.site).length === 0) {
    const forecast = forecastCurtailment({ ...state, nowMs: looking.nowMs }, curtailment, looking);
    return { forecast, letGo, pauses: pausesOf(forecast, curtailment), moved: [] };
  }
  const first = triedWith(state, looking, { curtailment, letGo, pauses: [] });
  const pauses = pausesOf(first.forecast, curtailment);
  return pauses.length === 0 ? first : triedWith(state, looking, { curtailment, letGo, pauses });
}

/** Who pauses or shrinks for a planned one; in an emergency that is decided from measurement to measurement. */
function pausesOf(
  forecast: CurtailmentForecast | Infeasible,
  { mode, start, end }: Curtailment,
): readonly PauseToCome[] {
  const jobs = forecast.kind === "forecast" && mode === "planned" ? forecast.jobs : [];
  return jobs.flatMap(({ job, task, effect, pause, nodeCount }) => {
    const whose = { job, ...partOf(task) };
    switch (effect) {
      case "paused":
        return pause === undefined
          ? []
          : [{ ...whose, fromMs: toNumber(pause.from), untilMs: toNumber(pause.until) }];
      case "shrunk":
        return [{ ...whose, fromMs: toNumber(start), untilMs: toNumber(end), nodeCount }];
      default:
        return [];
    }
  });
}

function triedWith(
  state: EngineState,
  looking: Looking,
  announcement: Announcement,
): BesidePromises {
  const { curtailment, letGo, pauses } = announcement;
  return withPromisesUndone(state, (trial) => {
    const emit = (event: Event): void => change(trial, event);
    const moved = announceBeside({ state: trial, emit }, announcement);
    const site = known(trial.sites.get(curtailment.site), "site of a curtailment");
    trial.curtailments.records.delete(curtailment.id);
    site.curtailments.splice(site.curtailments.indexOf(curtailment), 1);
    refreshHorizons(site, trial.nowMs);
    const forecast = forecastCurtailment({ ...trial, nowMs: looking.nowMs }, curtailment, looking);
    return { forecast, letGo, pauses, moved };
  });
}

function change(state: EngineState, event: Event): void {
  if (event.kind === "curtailment-scheduled") {
    curtailmentScheduled(state, event);
  } else if (event.kind === "reservation-made") {
    reservationMade(state, event);
  } else if (event.kind === "reservation-dropped") {
    reservationDropped(state, event);
  }
}

/**
 * Whose idle nodes stay on in a curtailment, or are woken in it, and would not if its start were moved, those first that
 * are let go last.
 */
function promisesInTheWay(
  state: EngineState,
  site: SiteState,
  curtailment: Curtailment,
): readonly JobNumber[] {
  const fromMs = Math.max(state.nowMs, toNumber(curtailment.start));
  const untilMs = givesMoreFromMs(curtailment);
  const isInTheWay = ({ startAtMs, wakeByMs, nodes }: Reservation): boolean =>
    startAtMs > fromMs &&
    wakeByMs < untilMs &&
    // Under a slow ramp none could sleep.
    wakeByMs > -Infinity &&
    isBelow(
      site,
      nodes.filter((node) => (site.gpusHeld[node] ?? 0) === 0),
      curtailment.domain,
    );
  return site.lostSupplies.size > 0
    ? []
    : promisesAt(state, site.site.id)
        .filter(isInTheWay)
        .toSorted((a, b) => b.priority - a.priority || a.startAtMs - b.startAtMs || a.job - b.job)
        .map(({ job }) => job);
}
