import { formatWatts, formatWattsUp, roundWattsUp, watts } from "@ertis/quantities";
import { sumUp } from "../../power/create-horizon.ts";
import type { EngineState } from "../../state/engine-state.ts";
import { nodeOff, type SiteState } from "../../state/site-state.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import type { Rejection } from "../../words/rejection.ts";
import { rejected } from "../deciding.ts";
import { withAllGivenUp } from "../forecast/all-given-up.ts";
import { givingUpLess } from "../forecast/giving-up-less.ts";
import { lookingFrom } from "../forecast/looking.ts";
import { possibleMessage } from "./floors-message.ts";

interface Where {
  readonly engine: EngineState;
  readonly site: SiteState;
  readonly domain: number;
}

/** Nobody can shed so much; jobs that keep floors leave room for less: a target is named that they leave room for. */
export function checkIdle(
  { engine, site, domain }: Where,
  asked: Curtailment,
  nowMs: number,
): Rejection | undefined {
  const floor = watts(idleFloorWatts(site, domain));
  if (asked.target >= floor) {
    return undefined;
  }
  const least = { ...asked, target: roundWattsUp(floor) };
  const looking = lookingFrom(nowMs);
  const { forecast } = givingUpLess(engine, least, looking.part(1 / 2)).beside;
  const possible =
    forecast.kind === "forecast"
      ? "ask for at least that"
      : possibleMessage(
          least,
          withAllGivenUp(engine, least, { ...forecast, enough: undefined }, looking),
        );
  return rejected(
    "curtailment-below-idle",
    `target: ${formatWatts(asked.target)} is below the ${formatWattsUp(floor)} that ${asked.domain} draws with every job paused, by its fixed loads and the nodes that jobs hold; ${possible}; or switch nodes off first`,
  );
}

/** Fixed loads, and the nodes that jobs hold at idle: nodes that nobody holds can be switched off. */
function idleFloorWatts(site: SiteState, domain: number): number {
  const load = site.fixedScaled.slice();
  for (let node = 0; node < site.nodeFlags.length; node += 1) {
    const isOn = ((site.nodeFlags[node] ?? 0) & nodeOff) === 0;
    if (isOn && (site.gpusHeld[node] ?? 0) > 0) {
      const at = site.nodeDomain[node] ?? 0;
      const idleWatts = site.nodeBounds[node]?.[0] ?? 0;
      load[at] = (load[at] ?? 0) + idleWatts * (site.nodeMultiplier[at] ?? 0);
    }
  }
  sumUp(site, load);
  return Math.ceil((load[domain] ?? 0) / (site.site.domains[domain]?.loadScale ?? 1));
}
