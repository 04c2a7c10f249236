import type { EngineState, Measure } from "@ertis/scheduler-engine";
import type { MeasuredDraw } from "./ports.ts";
import type { Request, Scheduler } from "./scheduler.ts";

/** No site has more of either; whatever is above is not looked at. */
const domainsMax = 100_000;
const attemptsMax = 100_000;
/** No meter of a site reads more; above it a sum could leave the exact integers. */
const wattsMax = 1e12;

/**
 * Turns what the meters of a site say into commands. At most one is on its way: what comes meanwhile is
 * dropped, so that a slow log never makes a queue of old measurements. One of another revision of the
 * site is dropped too, because its positions mean other domains.
 */
export function takeMeasured(
  loop: Pick<Scheduler, "request">,
  state: Pick<EngineState, "sites">,
  site: string,
): (draw: MeasuredDraw) => void {
  let isOnItsWay = false;
  const send = async (request: Request): Promise<void> => {
    isOnItsWay = true;
    // Never rejects; a scheduler that has stopped takes no measurements either.
    await loop.request(request);
    isOnItsWay = false;
  };
  return (draw) => {
    const known = state.sites.get(site);
    if (isOnItsWay || known === undefined || known.site.revision !== draw.revision) {
      return;
    }
    const request = checked(site, draw, known.site.domains.length);
    if (request === undefined) {
      return;
    }
    void send(request);
  };
}

function checked(
  site: string,
  draw: MeasuredDraw,
  domainCount: number,
): Extract<Request, { readonly kind: "measure" }> | undefined {
  const domains: Measure["domains"] = draw.domains
    .slice(0, domainsMax)
    .filter(({ domain, watts }) => domain < domainCount && isReading(watts));
  const attempts: Measure["attempts"] = draw.attempts
    .slice(0, attemptsMax)
    .filter(({ watts, gpuWatts = 0 }) => isReading(watts) && isReading(gpuWatts));
  return domains.length === 0 ? undefined : { kind: "measure", site, domains, attempts };
}

function isReading(watts: number): boolean {
  return watts >= 0 && watts <= wattsMax;
}
