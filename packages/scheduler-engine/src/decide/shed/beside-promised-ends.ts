import { known } from "../../state/assert.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Attempt } from "../../state/job.ts";
import type { SiteState } from "../../state/site-state.ts";
import type { ShedMember } from "../../power/shedding/shed-jobs.ts";
import { capHysteresisWatts, capNow } from "../caps/cap-orders.ts";
import { capBeforeWindow } from "../caps/cap-windows.ts";
import type { DescribedShed } from "./describe-shed.ts";

/** By the place of a job in the plan. */
type Caps = ReadonlyMap<number, number>;

/**
 * The caps of a plan, save that nobody falls so far for others' speed that he would hold nodes, watts and quota beyond a promised
 * start that counts on him being gone. What must not be exceeded, floors and who comes back go before such starts, these before
 * speed (docs/adr/0042). Without a curtailment nobody falls for it at all: watts that are free lower nobody either, and would
 * raise him again. A fall is for speed alone where his domains have room for all of those with every cap as it is.
 */
export function besidePromisedEnds(
  state: EngineState,
  site: SiteState,
  described: DescribedShed,
  caps: Caps,
): Caps {
  const kept = keptCaps(state, site, described, caps);
  if (kept.length === 0) {
    return caps;
  }
  const left = leftWithCapsKept(described, caps);
  const isForSpeed = ({ shed }: ShedMember): boolean =>
    shed.domains.every((column) => (left[column] ?? 0) >= 0);
  return new Map([
    ...caps,
    ...kept
      .filter(({ member }) => isForSpeed(member))
      .map(({ member, capWatts }) => [member.shed.id, capWatts] as const),
  ]);
}

/** Who would fall too far, and how far he may. */
function keptCaps(
  state: EngineState,
  site: SiteState,
  { members }: DescribedShed,
  caps: Caps,
): readonly { readonly member: ShedMember; readonly capWatts: number }[] {
  const windowsMs = site.horizons.map(({ atMs }) => atMs);
  const least = (attempt: Attempt): number => {
    const now = capNow(site, attempt);
    if (!site.isInCurtailment) {
      return now;
    }
    const cap = Math.ceil(capBeforeWindow(state, site, attempt, windowsMs));
    return cap + capHysteresisWatts > now ? now : cap;
  };
  return members.flatMap((member) => {
    const { attempt, shed } = member;
    const cap = caps.get(shed.id) ?? Infinity;
    if (attempt?.curve === undefined || cap >= capNow(site, attempt)) {
      return [];
    }
    const capWatts = least(attempt);
    return capWatts > cap ? [{ member, capWatts }] : [];
  });
}

/**
 * By column, what the room has left when nobody falls, who is below its floor is back at it, and who comes back is there.
 * What is told to stop is in the way as long as it draws.
 */
function leftWithCapsKept({ members, problem }: DescribedShed, caps: Caps): Float64Array {
  const { roomScaled, leavingScaled } = problem;
  const left = roomScaled.map((room, column) => room - (leavingScaled?.[column] ?? 0));
  const take = (domains: Int32Array, scaledAt: (at: number) => number): void => {
    domains.forEach((column, at) => {
      left[column] = known(left[column], "room of a column") - scaledAt(at);
    });
  };
  for (const { attempt, shed } of members) {
    const cap = caps.get(shed.id) ?? 0;
    const toFloor = Math.max(shed.capNowWatts, Math.min(cap, shed.floorCapWatts));
    const watts = attempt === undefined ? cap || shed.idleWatts : toFloor;
    take(shed.domains, (at) => watts * (shed.scaledPerGpuWatt[at] ?? 0));
  }
  for (const { domains, wattsScaled } of problem.idleNodes) {
    take(domains, (at) => wattsScaled[at] ?? 0);
  }
  return left;
}
